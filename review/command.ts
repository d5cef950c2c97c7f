import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { Argument, Command, CommanderError } from "commander";
import { loadStackConfig } from "../config/load.ts";
import { parseStackFile, readStackFile, stackNames } from "../config/stack-file.ts";
import { estimate } from "../cost/estimate.ts";
import { readPrices } from "../cost/prices.ts";
import { EXIT, EXIT_HELP } from "../embedded/local/exit-codes.ts";
import { onInterrupt } from "../embedded/local/interrupts.ts";
import { PROJECT_DIR } from "../embedded/local/paths.ts";
import { reportError } from "../embedded/local/report-error.ts";
import { Screen } from "../embedded/local/terminal/screen.ts";
import { previewStack } from "../embedded/preview/preview.ts";
import program from "../index.ts";
import { policies } from "../policies/all.ts";
import { configure } from "../policies/framework/config.ts";
import { stackOf } from "../policies/framework/recording.ts";
import { review } from "../policies/framework/review.ts";
import { reviewPlan } from "../policies/plan.ts";
import { stackSettings } from "../policies/stack-settings.ts";
import { record } from "../render/record.ts";
import { type ReportInput, report } from "./report.ts";
import { stepsOf } from "./steps.ts";

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
    const input: ReportInput = {
      stack,
      steps: stepsOf(plan),
      policies: await judged(stack),
      plan: reviewPlan(plan.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? [])).findings,
      cost: cost(stack, base),
      remarks: events
        ? []
        : ["Compared with nothing: this is what a first update makes. No cluster and no cloud was asked."],
    };
    const text = report(input);
    screen.paint([]);
    if (out === "-") {
      process.stdout.write(text);
    } else {
      const file = resolve(process.env.INIT_CWD ?? ".", out);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      screen.print(`written: ${relative(process.cwd(), file)}`);
    }
    const refused =
      (input.plan ?? []).length > 0 ||
      input.policies?.review.findings.some(({ level }) => level !== "advisory");
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

async function judged(stack: string): Promise<ReportInput["policies"]> {
  const configured = configure(policies, stackSettings(policies, stack)).filter(
    ({ level }) => level !== "disabled",
  );
  const recording = await record(program, { stack, config: readStackFile(PROJECT_DIR, stack) });
  return { count: configured.length, review: review(configured, stackOf(recording)) };
}

function cost(stack: string, base: string | undefined): ReportInput["cost"] {
  const name = `Pulumi.${stack}.yaml`;
  const prices = readPrices();
  const { currency, asOf } = prices;
  const after = estimate(loadStackConfig(readStackFile(PROJECT_DIR, stack), name), prices);
  if (!base) return { currency, asOf, after };
  const text = execFileSync("git", ["show", `${base}:./${name}`], { cwd: PROJECT_DIR, encoding: "utf8" });
  const before = estimate(loadStackConfig(parseStackFile(text), `${name} at ${base}`), prices);
  return { currency, asOf, after, before };
}
