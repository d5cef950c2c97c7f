import { existsSync } from "node:fs";
import process from "node:process";
import { Command, CommanderError } from "commander";
import { EngineError } from "../engine/errors.ts";
import { previewReport, renderPreview } from "../preview/report.ts";
import { withLock } from "../toolchain/index.ts";
import { type DownReport, down } from "./down.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";
import { type Interrupt, onInterrupt } from "./interrupts.ts";
import { LOCAL_STACK, type LocalPaths, localPaths, POLICIES } from "./paths.ts";
import { reportError } from "./report-error.ts";
import { loadProgram, openSession, runLocal } from "./session.ts";
import { readStatus, whyNotRunning } from "./status.ts";
import { renderSummary, type Summary } from "./summary.ts";
import { Screen } from "./terminal/screen.ts";
import { up } from "./up.ts";

interface Flags {
  json?: boolean;
  operators?: boolean;
  expectNoChanges?: boolean;
  policies?: boolean;
  policyPack?: string;
  keepControlPlane?: boolean;
  force?: boolean;
}

/** What every command gets. */
interface Context {
  paths: LocalPaths;
  screen: Screen;
  interrupt: Interrupt;
}

/**
 * `npm run local`.
 *
 * @returns the exit code
 */
export async function run(argv: string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  /** Runs a command by itself: two at once would work on the same state. */
  const alone = (work: (context: Context, flags: Flags) => Promise<number>) => async (flags: Flags) => {
    exitCode = await guarded((context) => exclusively(context, () => work(context, flags)));
  };
  /** Runs a command that only looks. */
  const looking = (work: (context: Context, flags: Flags) => Promise<number>) => async (flags: Flags) => {
    exitCode = await guarded((context) => work(context, flags));
  };

  const program = new Command("npm run local --")
    .description(
      "The whole stack on this machine: a real Kubernetes control plane with simulated nodes, and the real Pulumi engine.",
    )
    .addHelpText("after", EXIT_HELP)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  program
    .command("up", { isDefault: true })
    .description(
      "build what is missing, start the control plane, bring the stack to what the program says (default)",
    )
    .option("--json", "the summary as one JSON object on standard output")
    .option(
      "--operators",
      "run the real CloudNativePG operator too, from now until `down` (built the first time)",
    )
    .option("--expect-no-changes", "exit 4 if anything changed")
    .option(
      "--policy-pack <folder>",
      "the policy pack that the resources are checked by; a mandatory policy stops the update",
      POLICIES,
    )
    .option("--no-policies", "check them by none")
    .action(alone(runUp));
  program
    .command("down")
    .description("delete the stack and stop the control plane; nothing is left running")
    .option("--json", "what was done as one JSON object on standard output")
    .option("--keep-control-plane", "leave the control plane running, empty")
    .option("--force", "ask nobody: stop everything and remove its state, also when it is broken")
    .action(alone(runDown));
  program
    .command("status")
    .description("what runs, since when, and the summary; exit 3 when nothing runs")
    .option("--json", "the summary as one JSON object on standard output")
    .action(looking(runStatus));
  program
    .command("preview")
    .description("what `up` would change, compared with what runs")
    .option("--json", "one JSON object on standard output")
    .option("--expect-no-changes", "exit 4 if anything would change")
    .option("--policy-pack <folder>", "the policy pack that the resources are checked by", POLICIES)
    .option("--no-policies", "check them by none")
    .action(alone(runPreview));
  program
    .command("kubeconfig")
    .description("the path of the control plane's kubeconfig; exit 3 when nothing runs")
    .action(looking(printKubeconfig));
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    }
    throw error;
  }
  return exitCode;
}

async function guarded(work: (context: Context) => Promise<number>): Promise<number> {
  const screen = new Screen();
  const interrupt = onInterrupt((line) => screen.print(line));
  try {
    return await work({ paths: localPaths(), screen, interrupt });
  } catch (error) {
    return reportError(error, screen, interrupt.requested());
  } finally {
    interrupt.release();
  }
}

async function exclusively(context: Context, work: () => Promise<number>): Promise<number> {
  const { paths, screen, interrupt } = context;
  let told = false;
  const onWait = (holder: number | undefined) => {
    if (interrupt.requested()) {
      throw new EngineError("interrupted", "interrupted while waiting");
    }
    if (!told) {
      told = true;
      const who = holder === undefined ? "" : ` (process ${holder})`;
      screen.print(`another \`npm run local\` is at work here${who}: waiting for it to end`);
    }
  };
  return withLock(paths.lock, onWait, work);
}

async function runUp(context: Context, flags: Flags): Promise<number> {
  const policyPack = flags.policies ? flags.policyPack : undefined;
  printSummary(await up({ ...context, ...flags, policyPack }), flags);
  return EXIT.done;
}

async function runDown(
  context: Context,
  { json, keepControlPlane = false, force = false }: Flags,
): Promise<number> {
  const report: DownReport = await down({ ...context, keepControlPlane, force });
  if (json) {
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  }
  return EXIT.done;
}

async function runStatus({ paths, screen }: Context, flags: Flags): Promise<number> {
  const summary = await readStatus(paths);
  if (summary === undefined) {
    screen.print(await whyNotRunning(paths));
    return EXIT.notRunning;
  }
  printSummary(summary, flags);
  return EXIT.done;
}

async function runPreview(
  context: Context,
  { json, expectNoChanges, policies, policyPack }: Flags,
): Promise<number> {
  const { paths, screen, interrupt } = context;
  const status = await readStatus(paths);
  if (status === undefined) {
    screen.print(await whyNotRunning(paths), "`npm run preview -- local` shows what a first `up` makes");
    return EXIT.notRunning;
  }
  const session = await openSession(paths, (line) => screen.paint([line]));
  const checkedBy = policies ? policyPack : undefined;
  const result = await runLocal(session, "preview", {
    kubeconfig: status.kubeconfig,
    paths,
    program: await loadProgram(),
    expectNoChanges,
    policyPack: checkedBy,
    signal: interrupt.signal,
    interrupted: interrupt.requested,
    onRecovered: (what) => screen.print(what),
  });
  const report = previewReport(LOCAL_STACK, result, session.providers, {
    againstCluster: true,
    policyPack: checkedBy,
  });
  if (json) {
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    const out = new Screen(process.stdout);
    out.print(...renderPreview(report, result.operation, out.colours, out.width));
  }
  return EXIT.done;
}

async function printKubeconfig({ paths, screen }: Context): Promise<number> {
  const summary = existsSync(paths.controlPlane) ? await readStatus(paths) : undefined;
  if (summary === undefined) {
    screen.print(await whyNotRunning(paths));
    return EXIT.notRunning;
  }
  process.stdout.write(`${summary.kubeconfig}\n`);
  return EXIT.done;
}

function printSummary(summary: Summary, { json }: Flags): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    return;
  }
  const out = new Screen(process.stdout);
  out.print(...renderSummary(summary, out.colours, out.width));
}
