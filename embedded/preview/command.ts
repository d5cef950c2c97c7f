import process from "node:process";
import { Argument, Command, CommanderError } from "commander";
import { stackNames } from "../../config/stack-file.ts";
import { EXIT, EXIT_HELP } from "../local/exit-codes.ts";
import { onInterrupt } from "../local/interrupts.ts";
import { POLICIES, PROJECT_DIR } from "../local/paths.ts";
import { reportError } from "../local/report-error.ts";
import { Screen } from "../local/terminal/screen.ts";
import { previewStack } from "./preview.ts";
import { renderPreview } from "./report.ts";

interface Flags {
  json?: boolean;
  diff?: boolean;
  policies: boolean;
  policyPack: string;
}

/**
 * `npm run preview`.
 *
 * @returns the exit code
 */
export async function run(argv: string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const command = new Command("npm run preview --")
    .description(
      "Previews a stack with the real Pulumi engine, without a cluster, credentials or a passphrase.",
    )
    .addArgument(new Argument("<stack>").choices(stackNames(PROJECT_DIR).sort()))
    .option("--json", "one JSON object on standard output")
    .option("--diff", "every property of every resource, in the engine's own words")
    .option("--policy-pack <folder>", "the policy pack that the resources are checked by", POLICIES)
    .option("--no-policies", "check them by none")
    .addHelpText("after", EXIT_HELP)
    .exitOverride()
    .action(async (stack: string, flags: Flags) => {
      exitCode = await preview(stack, flags);
    });
  try {
    await command.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    }
    throw error;
  }
  return exitCode;
}

async function preview(stack: string, { json, diff, policies, policyPack }: Flags): Promise<number> {
  const screen = new Screen();
  const interrupt = onInterrupt((line) => screen.print(line));
  try {
    const { report, operation } = await previewStack({
      stack,
      diff,
      policyPack: policies ? policyPack : undefined,
      signal: interrupt.signal,
      interrupted: interrupt.requested,
      progress: (line) => screen.paint([line]),
      onOutput: diff && !json ? (text) => process.stdout.write(text) : undefined,
    });
    screen.paint([]);
    if (json) {
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    } else {
      const out = new Screen(process.stdout);
      out.print(...renderPreview(report, operation, out.colours, out.width));
    }
    return EXIT.done;
  } catch (error) {
    return reportError(error, screen, interrupt.requested());
  } finally {
    interrupt.release();
  }
}
