import type { Command } from "commander";
import type { Call, Cli } from "../cli.ts";
import { openCluster } from "../cluster/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { type CheckResult, judgeAll } from "./checks/index.ts";
import { type Looking, look } from "./look.ts";
import { markdown } from "./markdown.ts";
import { prometheusAt } from "./read/prometheus.ts";
import { screen } from "./screen.ts";
import type { Snapshot } from "./snapshot.ts";
import { watch } from "./watch.ts";

interface Options {
  markdown?: boolean;
  watch?: number | true;
  prometheus?: string;
}

/** What `--json` prints: the snapshot with what it means. */
export interface StatusReport extends Snapshot {
  /** Of this shape; raised when something in it changes its meaning. */
  version: 1;
  /** Whether no check failed. */
  ok: boolean;
  checks: CheckResult[];
}

/** Days for which the certificate and the tokens must be good yet, unless told. */
export const defaultDays = 7;

/** Adds `status`. */
export function addStatus(parent: Command, cli: Cli): void {
  parent
    .command("status")
    .description("how the stack is, on one screen; exit 4 when something is not as it should be")
    .option("--watch [seconds]", "look again and again, until Ctrl-C (default: every 5 s)", secondsBetween)
    .option("--markdown", "the same for a merge request or a chat")
    .option(
      "--prometheus <url>",
      "whom to ask for alerts (default: $PROMETHEUS_URL, else one in the cluster)",
    )
    .action(cli.action<Options>(status));
}

async function status(call: Call<Options>): Promise<number> {
  const { world, options, out } = call;
  if (options.watch !== undefined && (options.json || options.markdown || !out.live)) {
    throw new CliError(
      EXIT.usage,
      "--watch needs a terminal, and is not for --json or --markdown",
      "run status again for every report",
    );
  }
  const looking = await lookAt(call);
  try {
    const report = async () => judge(looking, new Date(world.now.getTime() + world.elapsed()));
    const lines = (seen: StatusReport) => screen(seen, seen.checks, out.colours, out.width);
    if (options.watch !== undefined) {
      const interval = options.watch === true ? 5 : options.watch;
      return await watch(call, interval, async () => lines(await report()));
    }
    const seen = await report();
    call.print(seen, () => (options.markdown ? markdown(seen, seen.checks) : lines(seen)));
    return seen.ok ? EXIT.done : EXIT.refused;
  } finally {
    looking.cluster.close();
  }
}

/**
 * Opens all that a stack is looked at through.
 * @throws CliError when there is no such stack or no way to its cluster
 */
export async function lookAt({ world, options, open }: Call<{ prometheus?: string }>): Promise<Looking> {
  const stack = await open();
  const prometheus = options.prometheus ?? world.env.PROMETHEUS_URL;
  let deployed: ReturnType<typeof stack.deployed> | undefined;
  return {
    stack,
    cluster: await openCluster(world, stack),
    deployed: () => (deployed ??= stack.deployed()),
    ...(prometheus && { prometheus: prometheusAt(urlOf(prometheus)) }),
  };
}

async function judge(looking: Looking, now: Date): Promise<StatusReport> {
  const snapshot = await look(looking, now);
  const facts = { config: looking.stack.config, snapshot, now, minimumDays: defaultDays };
  const checks = judgeAll(facts, "status");
  return { version: 1, ok: checks.every(({ outcome }) => outcome !== "failed"), ...snapshot, checks };
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new CliError(EXIT.usage, "--prometheus is no URL", "write one such as http://127.0.0.1:9090/");
}

function secondsBetween(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 1) return seconds;
  throw new CliError(
    EXIT.usage,
    `--watch ${text}: not a number of seconds`,
    "1 at least, such as --watch 10",
  );
}
