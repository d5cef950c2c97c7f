import process from "node:process";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EXIT } from "../embedded/local/exit-codes.ts";
import { type Interrupt, onInterrupt } from "../embedded/local/interrupts.ts";
import { shown } from "../embedded/local/paths.ts";
import { reportError } from "../embedded/local/report-error.ts";
import { Screen } from "../embedded/local/terminal/screen.ts";
import { ToolchainError, withLock } from "../embedded/toolchain/index.ts";
import { down } from "./down.ts";
import { foreground } from "./foreground.ts";
import { loseCluster } from "./lose.ts";
import { enteringGround } from "./nodes/index.ts";
import { type LivePaths, livePaths } from "./paths.ts";
import { lacks } from "./requirements.ts";
import { stackEnvironment } from "./stack/environment.ts";
import { readStatus, statusLines } from "./status.ts";
import { StackFailed, up } from "./up.ts";

const help = `
Exit codes:
  0    done
  1    failed; the message says what, and where the logs are
  2    wrong arguments, or a mistake in the stack's configuration
  3    nothing is running
  130  interrupted`;

/**
 * `npm run live`.
 *
 * @returns the exit code; of `enter`, the command's own
 */
export async function run(argv: string[]): Promise<number> {
  const paths = livePaths();
  const screen = new Screen();
  let exitCode: number = EXIT.done;
  /** Work says itself where a wish to stop may end it. */
  const does =
    <Rest extends unknown[]>(work: (interrupt: Interrupt, ...rest: Rest) => Promise<number>) =>
    async (...rest: Rest) => {
      const interrupt = onInterrupt((line) => screen.print(line));
      try {
        exitCode = await work(interrupt, ...rest);
      } catch (error) {
        exitCode =
          error instanceof StackFailed ? error.exitCode : reportError(error, screen, interrupt.requested());
      } finally {
        interrupt.release();
      }
    };

  const program = new Command("npm run live --")
    .description(
      "The whole stack on this machine, on real Kubernetes nodes: pods run, databases fail over, backups restore.",
    )
    .addHelpText("after", help)
    .exitOverride();
  program
    .command("up", { isDefault: true })
    .description("build what is missing, bring the nodes up, and the stack on them (default)")
    .option("--nodes <count>", "how many, 1 to 9; of those that run, none is taken away", count, 3)
    .option("--attic <file>", "an atticd, or an archive of an image with one (default: a double of ours)")
    .option("--no-stack", "the cluster alone, without the stack")
    .action(
      does(async (interrupt, options: { nodes: number; attic?: string; stack: boolean }) => {
        refuseIfLacking();
        const { orStop } = interrupt;
        await alone(paths, screen, interrupt, () => up({ paths, screen, orStop, ...options }));
        screen.print(...statusLines(await readStatus(paths), paths, screen.colours));
        return EXIT.done;
      }),
    );
  program
    .command("status")
    .description("what runs; exit 3 when nothing does")
    .action(
      does(async ({ orStop }) => {
        const status = await orStop(readStatus(paths));
        screen.print(...statusLines(status, paths, screen.colours));
        return status ? EXIT.done : EXIT.notRunning;
      }),
    );
  program
    .command("enter")
    .description(
      "run a command where the cluster can be reached, with KUBECONFIG, the stack's state, kubectl and pulumi",
    )
    .argument("<command...>", "the command, after --")
    .action(does((_, command: string[]) => enter(paths, command)));
  program
    .command("lose")
    .description(
      "lose the cluster, to practise: buckets, the stack's state and its files stay; exit 3 when none runs",
    )
    .action(
      does(async (interrupt) => {
        const was = await alone(paths, screen, interrupt, () => loseCluster(paths));
        screen.print(...(was ? lost(paths) : ["nothing was running"]));
        return was ? EXIT.done : EXIT.notRunning;
      }),
    );
  program
    .command("down")
    .description("end all of it and remove its state; nothing is left")
    .action(
      does(async (interrupt) => {
        const was = await alone(paths, screen, interrupt, () => down(paths));
        screen.print(was ? "nothing runs any more, and nothing is left" : "nothing was running");
        return EXIT.done;
      }),
    );
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw error;
  }
  return exitCode;
}

const lost = (paths: LivePaths): string[] => [
  "The cluster is lost, with every volume. Buckets, the stack's state and its files are there.",
  "Another one: npm run live -- up --no-stack. Without --no-stack the stack would start an empty database.",
  `Then: docs/disaster-recovery.md, “The cluster is lost”; the stack's folder is ${shown(paths.project)}.`,
];

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 9) throw new InvalidArgumentError("1 to 9.");
  return number;
}

function refuseIfLacking(): void {
  const [first, ...more] = lacks();
  if (!first) return;
  throw new ToolchainError(
    [first, ...more].map(({ what }) => what).join("; "),
    [...new Set([first, ...more].map(({ instead }) => instead))].join("; "),
  );
}

/** One command at a time changes anything. Whoever waits for another one can be stopped at any moment. */
async function alone<T>(
  paths: LivePaths,
  screen: Screen,
  { orStop }: Interrupt,
  work: () => Promise<T>,
): Promise<T> {
  const begun = Promise.withResolvers<void>();
  const done = withLock(
    paths.lock,
    () => screen.print(`another npm run live is at work on ${shown(paths.root)}; waiting`),
    () => {
      begun.resolve();
      return work();
    },
  );
  await orStop(Promise.race([begun.promise, done]));
  return done;
}

async function enter(paths: LivePaths, command: string[]): Promise<number> {
  const { file, args, env } = await enteringGround(paths, command);
  return foreground(file, args, {
    env: { ...env, ...stackEnvironment(paths) },
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
}
