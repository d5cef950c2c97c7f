import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EXIT } from "../embedded/local/exit-codes.ts";
import { onInterrupt } from "../embedded/local/interrupts.ts";
import { shown } from "../embedded/local/paths.ts";
import { reportError } from "../embedded/local/report-error.ts";
import { Screen } from "../embedded/local/terminal/screen.ts";
import { ToolchainError, withLock } from "../embedded/toolchain/index.ts";
import { down } from "./down.ts";
import { loseCluster } from "./lose.ts";
import { enteringGround } from "./nodes/index.ts";
import { type LivePaths, livePaths } from "./paths.ts";
import { lacks } from "./requirements.ts";
import { stackEnvironment } from "./stack/environment.ts";
import { readStatus, statusLines } from "./status.ts";
import { up } from "./up.ts";

const help = `
Exit codes:
  0    done
  1    failed; the message says what, and where the logs are
  2    wrong arguments
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
  const does =
    <Rest extends unknown[]>(work: (...rest: Rest) => Promise<number>) =>
    async (...rest: Rest) => {
      const interrupt = onInterrupt((line) => screen.print(line));
      try {
        exitCode = await interrupt.orStop(work(...rest));
      } catch (error) {
        exitCode = reportError(error, screen, interrupt.requested());
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
      does(async (options: { nodes: number; attic?: string; stack: boolean }) => {
        refuseIfLacking();
        await alone(paths, screen, () => up({ paths, screen, ...options }));
        screen.print(...statusLines(await readStatus(paths), paths, screen.colours));
        return EXIT.done;
      }),
    );
  program
    .command("status")
    .description("what runs; exit 3 when nothing does")
    .action(
      does(async () => {
        const status = await readStatus(paths);
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
    .action(does((command: string[]) => enter(paths, command)));
  program
    .command("lose")
    .description(
      "lose the cluster, to practise: buckets, the stack's state and its files stay; exit 3 when none runs",
    )
    .action(
      does(async () => {
        const was = await alone(paths, screen, () => loseCluster(paths));
        screen.print(...(was ? lost(paths) : ["nothing was running"]));
        return was ? EXIT.done : EXIT.notRunning;
      }),
    );
  program
    .command("down")
    .description("end all of it and remove its state; nothing is left")
    .action(
      does(async () => {
        const was = await alone(paths, screen, () => down(paths));
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

/** One command at a time changes anything. */
const alone = <T>(paths: LivePaths, screen: Screen, work: () => Promise<T>): Promise<T> =>
  withLock(
    paths.lock,
    () => screen.print(`another npm run live is at work on ${shown(paths.root)}; waiting`),
    work,
  );

async function enter(paths: LivePaths, command: string[]): Promise<number> {
  const { file, args, env } = await enteringGround(paths, command);
  const child = spawn(file, args, {
    stdio: "inherit",
    env: { ...env, ...stackEnvironment(paths) },
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? EXIT.failed;
}
