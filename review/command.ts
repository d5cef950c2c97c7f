import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { Argument, Command, CommanderError } from "commander";
import { stackNames } from "../config/stack-file.ts";
import { EXIT, EXIT_HELP } from "../embedded/local/exit-codes.ts";
import { onInterrupt } from "../embedded/local/interrupts.ts";
import { PROJECT_DIR } from "../embedded/local/paths.ts";
import { reportError } from "../embedded/local/report-error.ts";
import { Screen } from "../embedded/local/terminal/screen.ts";
import { previewStack } from "../embedded/preview/preview.ts";
import { review } from "./review.ts";

interface Flags {
  events?: string;
  base?: string;
  out?: string;
}

/**
 * `npm run review`.
 *
 * @returns the exit code
 */
export async function run(argv: string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const command = new Command("npm run review --")
    .description("Writes down what an update of a stack does, in Markdown for a merge request.")
    .addArgument(new Argument("<stack>").choices(stackNames(PROJECT_DIR).sort()))
    .option(
      "--events <file>",
      "the plan to tell of, as `PULUMI_DEBUG_COMMANDS=1 pulumi preview --event-log` wrote it (default: a first update, by the engine here)",
    )
    .option(
      "--base <revision>",
      "Git revision whose stack file the cost is compared with, for instance origin/main",
    )
    .option("--out <file>", "where the report goes; - for standard output (default: out/review-<stack>.md)")
    .addHelpText("after", EXIT_HELP)
    .exitOverride()
    .action(async (stack: string, flags: Flags) => {
      exitCode = await write(stack, flags);
    });
  try {
    await command.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw error;
  }
  return exitCode;
}

async function write(
  stack: string,
  { events, base, out = `out/review-${stack}.md` }: Flags,
): Promise<number> {
  const screen = new Screen();
  const interrupt = onInterrupt((line) => screen.print(line));
  try {
    const plan = events ? readEvents(events) : await firstUpdate(stack, screen, interrupt);
    const { text, refused } = await review({
      stack,
      folder: PROJECT_DIR,
      events: plan,
      base,
      remarks: events
        ? []
        : ["Compared with nothing: this is what a first update makes. No cluster and no cloud was asked."],
    });
    screen.paint([]);
    if (out === "-") {
      process.stdout.write(text);
    } else {
      const file = resolve(process.env.INIT_CWD ?? ".", out);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      screen.print(`written: ${relative(process.cwd(), file)}`);
    }
    return refused ? EXIT.policy : EXIT.done;
  } catch (error) {
    return reportError(error, screen, interrupt.requested());
  } finally {
    interrupt.release();
  }
}

/** One JSON object a line; a line that is none is told with its number. */
function readEvents(file: string): EngineEvent[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line) as EngineEvent];
    } catch {
      throw new Error(`${file}, line ${index + 1}, is no event of the engine: pass what --event-log wrote`);
    }
  });
}

async function firstUpdate(
  stack: string,
  screen: Screen,
  interrupt: ReturnType<typeof onInterrupt>,
): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  await previewStack({
    stack,
    signal: interrupt.signal,
    interrupted: interrupt.requested,
    progress: (line) => screen.paint([line]),
    onEvent: (_, event) => events.push(event),
  });
  return events;
}
