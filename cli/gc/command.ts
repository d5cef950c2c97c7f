import type { Command } from "commander";
import { names } from "../../components/attic/names.ts";
import type { Call, Cli } from "../cli.ts";
import { type Cluster, openCluster } from "../cluster/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { parseDuration } from "../time.ts";
import { type End, follow, type Job, stateOf } from "./follow.ts";
import { type Collector, collectionJob, collectorLabel, collectorRef, whyStopped } from "./job.ts";

interface Options {
  wait?: number | true;
  force?: boolean;
}

/** Seconds that `--wait` waits unless told. */
const patience = 3_600;

/** Adds `gc`. */
export function addGc(parent: Command, cli: Cli): void {
  const gc = parent.command("gc").description("the garbage collector");
  gc.command("run")
    .description("collect garbage now, once, as a Job with the collector's own pod")
    .option("--wait [span]", "until it has ended, and tell how; 1h unless told", parseDuration)
    .option("--force", "although somebody stopped the collector")
    .addHelpText(
      "after",
      "\nRefused (exit 4) while another collection runs, or while the collector is stopped: for a restore, maybe.",
    )
    .action(cli.action<Options>(collect));
}

async function collect(call: Call<Options>): Promise<number> {
  const { world, options, open } = call;
  const stack = await open();
  const cluster = await openCluster(world, stack);
  try {
    const collector = await cluster.get<Collector>(collectorRef(stack.config));
    const stopped = whyStopped(collector);
    if (stopped && !options.force) {
      throw new CliError(
        EXIT.refused,
        `${stopped}: somebody stopped it, for a restore maybe, whose database may still know what would be deleted`,
        "ask first; --force collects nevertheless",
      );
    }
    await refuseSecond(cluster);
    const job = await cluster.create<Job>(collectionJob(collector, world.now));
    return await tell(call, cluster, job.metadata.name);
  } finally {
    cluster.close();
  }
}

async function refuseSecond(cluster: Cluster): Promise<void> {
  const jobs = await cluster.list<Job>({ apiVersion: "batch/v1", kind: "Job" }, { labels: collectorLabel });
  const running = jobs.find((each) => stateOf(each) === "running");
  if (!running) return;
  const { name } = running.metadata;
  throw new CliError(
    EXIT.refused,
    `a collection runs already: Job ${name}`,
    `two would only delete the same objects twice; follow it: kubectl -n ${cluster.namespace} logs -f job/${name}`,
  );
}

async function tell(call: Call<Options>, cluster: Cluster, job: string): Promise<number> {
  const { world, options, say, out, print } = call;
  const { namespace } = cluster;
  const where = `Job ${job} in namespace ${namespace}`;
  if (options.wait === undefined) {
    print({ job, namespace, state: "running" }, () => [
      `started ${where}`,
      `follow it: kubectl -n ${namespace} logs -f job/${job}`,
    ]);
    return EXIT.done;
  }
  if (!options.json) say.print(`started ${where}`);
  const seconds = options.wait === true ? patience : options.wait;
  const end = await follow(world, cluster, job, seconds * 1000, (said) => say.paint([`${job}: ${said}`]));
  say.paint([]);
  print({ job, namespace, ...end }, () => lines(end, out.colours, { where, namespace, job }));
  return end.state === "succeeded" ? EXIT.done : EXIT.failed;
}

function lines(
  { state, said, log }: End,
  { green, red, yellow }: Call["out"]["colours"],
  { where, namespace, job }: { where: string; namespace: string; job: string },
): string[] {
  if (state === "succeeded") return [`${green("garbage was collected")}: ${where}`];
  if (state === "running") {
    return [
      `${yellow("it runs still")}, and nobody waits for it any longer${said ? `: ${said}` : ""}`,
      `follow it: kubectl -n ${namespace} logs -f job/${job}`,
    ];
  }
  return [
    `${red("it failed")}: ${said ?? "its pod is gone"}`,
    ...log.map((line) => `  ${line}`),
    `docs/runbooks/AtticGarbageCollectionStale.md says what ${names.collector} needs; the next run goes on where this one was`,
  ];
}
