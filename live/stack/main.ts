/**
 * Brings the stack up; `npm run live` starts it on the ground.
 *
 *     node live/stack/main.ts ROOT STEPS DONE
 */
import process from "node:process";
import { newOperation } from "../../embedded/engine/events.ts";
import { EXIT } from "../../embedded/local/exit-codes.ts";
import { onInterrupt } from "../../embedded/local/interrupts.ts";
import { reportError } from "../../embedded/local/report-error.ts";
import { changesText } from "../../embedded/local/terminal/changes.ts";
import { progressDetails, progressStatus } from "../../embedded/local/terminal/progress.ts";
import { Screen } from "../../embedded/local/terminal/screen.ts";
import { Steps } from "../../embedded/local/terminal/steps.ts";
import { livePaths } from "../paths.ts";
import { LIVE_STACK } from "./environment.ts";
import { runStack } from "./run.ts";

const [root, total, done] = process.argv.slice(2);
if (!root || !total || !done) throw new Error("usage: node live/stack/main.ts ROOT STEPS DONE");
const screen = new Screen();
const interrupt = onInterrupt((line) => screen.print(line));
try {
  let operation = newOperation();
  const details = (now: number) => progressDetails(operation, now, screen.width);
  const steps = new Steps(screen, Number(total), Number(done));
  await steps.run(`stack ${LIVE_STACK}`, { details, expectedMs: 80_000 }, async (control) => {
    const { changes, diagnostics } = await runStack(livePaths(root), "up", {
      signal: interrupt.signal,
      interrupted: interrupt.requested,
      onEvent: (state) => {
        operation = state;
        control.status(progressStatus(state));
      },
      onRecovered: (what) => control.note(what),
    });
    for (const { severity, message } of diagnostics) control.note(`${severity} ${message}`);
    control.result(changesText(changes));
  });
  process.exitCode = EXIT.done;
} catch (error) {
  process.exitCode = reportError(error, screen, interrupt.requested());
} finally {
  interrupt.release();
}
