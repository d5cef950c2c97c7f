import { basename } from "node:path";
import { name as database } from "../../../components/postgres/names.ts";
import type { Cluster } from "../../cluster/index.ts";
import { until } from "../../cluster/until.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { volumesIn } from "../drill/clean-up.ts";
import { sendLastLogs } from "../last-logs.ts";
import { kinds, type Live, ofDatabase, refs, volume } from "../objects.ts";
import { primaryOf } from "../psql.ts";
import { archivesAs } from "../server-names.ts";
import { writeEdit } from "./stack-file.ts";
import { hour, type Step, type Undertaken } from "./step.ts";
import { labelsOf } from "./writers.ts";

/** Steps that prepare a restore and take the old database away, in their order. */
export const stepsBefore = (undertaken: Undertaken): Step[] =>
  [fileStep, stopStep, lastLogsStep, volumesStep, removeStep].map((step) => step(undertaken));

function fileStep({ stack, edit }: Undertaken): Step {
  const file = basename(stack.file);
  return {
    id: "file",
    title: `Write the restore into ${file}`,
    what: ["It takes effect when the database is made the next time, and changes nothing before. Commit it."],
    time: "at once",
    done: async () => (edit.before === edit.after ? `${file} says so` : undefined),
    run: async () => {
      writeEdit(stack, edit);
      return `${file} is written`;
    },
  };
}

function stopStep(undertaken: Undertaken): Step {
  const { writers } = undertaken;
  return {
    id: "stop",
    title: "Stop what writes",
    what: [
      "The API and the garbage collector are stopped: clients get errors, and build, until the API is back.",
      "The collector stays off even then: it deletes NARs that the older database still knows.",
    ],
    time: "as long as uploads in flight take, a few minutes at most",
    // That the Cluster is gone stops nobody: pods that outlive it would go on with its password, and the collector with
    // what the older database still needs.
    done: async () =>
      (await restored(undertaken)) ?? ((await writers.stopped()) ? "nothing writes" : undefined),
    run: async () => {
      await writers.stop();
      return "the API and the garbage collector are stopped";
    },
  };
}

function lastLogsStep(undertaken: Undertaken): Step {
  const { cluster, world, withoutLastLogs, say } = undertaken;
  return {
    id: "last-logs",
    title: "Send off the last logs",
    what: [
      "The primary commits an empty transaction, so that every moment until now can be a target, and sends off its last log.",
    ],
    time: "seconds; ten minutes at most",
    done: async () => (await over(undertaken)) ?? (withoutLastLogs ? "left out, as you said" : undefined),
    run: async () => {
      const pod = await primaryOf(cluster);
      if (!pod) {
        say("no primary answers: what it had not archived yet is not in the archive");
        return "there is no primary to send any";
      }
      const log = await sendLastLogs(world, cluster, { pod, namespace: cluster.namespace }).catch(
        withoutThem,
      );
      return `${log} is in the archive`;
    },
  };
}

/** Says with an error how to go on without the last logs. */
function withoutThem(error: unknown): never {
  if (!(error instanceof CliError)) throw error;
  const { exitCode, message, hint } = error;
  const way = "to restore without what was not archived yet, give --without-last-logs: it is lost then";
  throw new CliError(exitCode, message, hint ? `${hint}\n${way}` : way, { cause: error });
}

function volumesStep(undertaken: Undertaken): Step {
  const { cluster } = undertaken;
  return {
    id: "keep-volumes",
    title: "Keep the volumes",
    what: ["The old database's volumes are kept when it goes, for whoever has to look into them."],
    time: "seconds",
    done: async () => {
      const gone = await over(undertaken);
      if (gone) return gone;
      return (await unkept(cluster)).length === 0 ? "all volumes will be kept" : undefined;
    },
    run: async () => {
      const names = await unkept(cluster);
      for (const name of names) {
        await cluster.patch(volume(name), { spec: { persistentVolumeReclaimPolicy: "Retain" } });
      }
      return `kept: ${names.join(", ")}`;
    },
  };
}

function removeStep(undertaken: Undertaken): Step {
  const { cluster, world, stack, entry } = undertaken;
  const jobs = () => cluster.list<Live>(kinds.job, { labels: labelsOf("migrations", stack.config) });
  return {
    id: "remove",
    title: "Remove the old database",
    what: [
      `Cluster ${database} is deleted; its archive ${entry.from} and its volumes stay.`,
      "The Jobs that migrated it are deleted, too, so that the restored one is migrated as the image needs.",
    ],
    time: "minutes: up to half an hour for each instance that does not want to stop",
    typed: database,
    done: async () =>
      (await restored(undertaken)) ?? ((await jobs()).length === 0 ? gone(undertaken) : undefined),
    run: async () => {
      // Whoever restored meanwhile has another one there, which must stay.
      const there = await restored(undertaken);
      if (there) return there;
      for (const { metadata } of await jobs()) await cluster.delete({ ...kinds.job, name: metadata.name });
      await cluster.delete(refs.cluster);
      const { seen, done } = await until(
        world,
        async () => [
          ...((await cluster.find(refs.cluster)) ? [`Cluster ${database}`] : []),
          ...(await cluster.list<Live>(kinds.claim, { labels: ofDatabase })).map(
            ({ metadata }) => metadata.name,
          ),
        ],
        (left) => left.length === 0,
        { timeout: hour },
      );
      if (done) return `Cluster ${database} is gone`;
      throw new CliError(
        EXIT.failed,
        `these do not go: ${seen.join(", ")}`,
        `see: kubectl -n ${cluster.namespace} describe clusters.postgresql.cnpg.io ${database}. The same command goes on from here`,
      );
    },
  };
}

/** Why the old database need not be cared for any more; undefined while it is there. */
const over = async (undertaken: Undertaken): Promise<string | undefined> =>
  (await restored(undertaken)) ?? gone(undertaken);

async function restored({ cluster, entry }: Undertaken): Promise<string | undefined> {
  const found = await cluster.find<Live>(refs.cluster);
  return archivesAs(found) === entry.serverName ? "the live database is the restored one" : undefined;
}

const gone = async ({ cluster }: Undertaken): Promise<string | undefined> =>
  (await cluster.find(refs.cluster)) ? undefined : `Cluster ${database} is gone`;

/** The old database's volumes that would go with it. */
async function unkept(cluster: Cluster): Promise<string[]> {
  const names = await volumesIn(cluster, cluster.namespace, ofDatabase);
  const volumes = await Promise.all(names.map((name) => cluster.get<Live>(volume(name))));
  return volumes
    .filter(({ spec }) => spec?.persistentVolumeReclaimPolicy !== "Retain")
    .map(({ metadata }) => metadata.name);
}
