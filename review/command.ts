import { mkdirSync, writeFileSync } from "node:fs";
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
import { readPlan } from "./plan-file.ts";
import { review } from "./review.ts";
import { UsageError } from "./usage-error.ts";

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

/** A file as the person named it from where they are; npm itself goes to the project's folder. */
const named = (file: string) => resolve(process.env.INIT_CWD ?? ".", file);

async function write(
  stack: string,
  { events, base, out = `out/review-${stack}.md` }: Flags,
): Promise<number> {
  const screen = new Screen();
  const interrupt = onInterrupt((line) => screen.print(line));
  try {
    const plan =
      events === undefined ? await firstUpdate(stack, screen, interrupt) : readPlan(named(events), stack);
    const { text, refused } = await review({
      stack,
      folder: PROJECT_DIR,
      events: plan,
      base,
      remarks:
        events === undefined
          ? ["Compared with nothing: this is what a first update makes. No cluster and no cloud was asked."]
          : [],
    });
    screen.paint([]);
    if (out === "-") {
      process.stdout.write(text);
    } else {
      const file = named(out);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      screen.print(`written: ${relative(process.cwd(), file)}`);
    }
    return refused ? EXIT.policy : EXIT.done;
  } catch (error) {
    if (error instanceof UsageError) {
      screen.print(`${screen.colours.red("error:")} ${error.message}`);
      return EXIT.usage;
    }
    return reportError(error, screen, interrupt.requested());
  } finally {
    interrupt.release();
  }
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
