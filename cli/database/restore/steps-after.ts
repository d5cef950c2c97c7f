import { name as database } from "../../../components/postgres/names.ts";
import { until } from "../../cluster/until.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { backupObject } from "../backup-object.ts";
import { census, censusWords } from "../census.ts";
import { followBackup } from "../follow-backup.ts";
import { condition, isReady, kinds, type Live, refs } from "../objects.ts";
import { primaryOf } from "../psql.ts";
import { archivesAs } from "../server-names.ts";
import { hour, type Step, type Undertaken } from "./step.ts";
import { labelsOf } from "./writers.ts";

/** Steps that make the new database and let Attic back in, in their order. */
export const stepsAfter = (undertaken: Undertaken): Step[] =>
  [recoverStep, checkStep, apiStep, backupStep, ...(undertaken.startCollector ? [collectorStep] : [])].map(
    (step) => step(undertaken),
  );

function recoverStep(undertaken: Undertaken): Step {
  const { cluster, entry, beginning, bringUp, world, say } = undertaken;
  const live = () => cluster.find<Live>(refs.cluster);
  const isIt = (found: Live | undefined) => archivesAs(found) === entry.serverName;
  return {
    id: "recover",
    title: `Recover from ${entry.from} as ${entry.serverName}`,
    what: [
      "Pulumi looks what is there, and makes the Cluster and its migration anew, and touches nothing else.",
      `The recovery begins with ${beginning}, and replays the logs since.`,
    ],
    time: "what `atticctl db drill` measured; Pulumi waits up to 4 hours",
    done: async () => {
      const found = await live();
      const done = isIt(found) && isReady(found) && (await broughtUp(undertaken));
      return done ? `${entry.serverName} is ready` : undefined;
    },
    run: async () => {
      const found = await live();
      if (found && !isIt(found)) {
        throw new CliError(
          EXIT.refused,
          `Cluster ${database} is there, and archives as ${archivesAs(found)}`,
        );
      }
      await bringUp();
      let phase = "";
      const { seen, done } = await until(
        world,
        async () => {
          const now = await live();
          const told: string = now?.status?.phase ?? "not seen by the operator yet";
          if (told !== phase) say(`${database}: ${told}`);
          phase = told;
          return now;
        },
        (now) => isIt(now) && isReady(now),
        { timeout: 4 * hour, interval: 5_000 },
      );
      if (done) return `${entry.serverName} is ready`;
      throw new CliError(
        EXIT.failed,
        isIt(seen)
          ? `the database does not become ready: ${phase}`
          : "the Cluster that is there is another one",
        "the table under “Restore” in docs/backups.md says what its pods' messages mean",
      );
    },
  };
}

/** Whether what comes after the database in an update is there: one that failed may have made the database alone. */
async function broughtUp({ cluster, stack }: Undertaken): Promise<boolean> {
  const [api, jobs] = await Promise.all([
    cluster.find(refs.api),
    cluster.list<Live>(kinds.job, { labels: labelsOf("migrations", stack.config) }),
  ]);
  return api !== undefined && jobs.some((job) => condition(job, "Complete")?.status === "True");
}

function checkStep({ cluster, stack }: Undertaken): Step {
  return {
    id: "check",
    title: "Check the data",
    what: ["Every table is counted, which reads all of it."],
    time: "seconds to minutes",
    harmless: true,
    done: async () => undefined,
    run: async () => {
      const pod = await primaryOf(cluster);
      if (!pod) throw new CliError(EXIT.failed, "the restored database has no primary that answers");
      const found = await census(cluster, {
        pod,
        namespace: cluster.namespace,
        database: stack.config.database.name,
      });
      if (found.rows.object === undefined) {
        throw new CliError(
          EXIT.refused,
          "the restored database has no table of Attic's",
          `the API stays stopped. Look: kubectl cnpg -n ${cluster.namespace} psql ${database} -- ${stack.config.database.name}`,
        );
      }
      return censusWords(found);
    },
  };
}

function apiStep({ writers }: Undertaken): Step {
  return {
    id: "start-api",
    title: "Start the API",
    what: ["Its pods read the new database's password and authority when they start."],
    time: "a minute or two",
    done: async () => ((await writers.apiServes()) ? "the API serves" : undefined),
    run: async () => {
      await writers.startApi();
      return "the API serves";
    },
  };
}

function backupStep({ cluster, stack, entry, world, say }: Undertaken): Step {
  const name = `${entry.serverName}-first`;
  return {
    id: "backup",
    title: "Make a full backup",
    what: [`Until it is there, ${entry.serverName} cannot be restored; only ${entry.from} can.`],
    time: "what the daily backup takes",
    done: async () => {
      const made = await cluster.find<Live>({ ...kinds.backup, name });
      return made?.status?.phase === "completed" ? `backup ${name} is complete` : undefined;
    },
    run: async () => {
      const there = await cluster.find<Live>({ ...kinds.backup, name });
      if (there?.status?.phase === "failed") await cluster.delete({ ...kinds.backup, name });
      if (!there || there.status?.phase === "failed") await cluster.create(backupObject(stack.config, name));
      const { backupId } = await followBackup(world, cluster, name, 4 * hour, (phase) =>
        say(`${name}: ${phase}`),
      );
      return `backup ${name} is complete; its id is ${backupId ?? "unknown"}`;
    },
  };
}

function collectorStep({ writers, bringUpCollector }: Undertaken): Step {
  return {
    id: "start-collector",
    title: "Start the garbage collector",
    what: ["It deletes what the restored database says nobody needs."],
    time: "seconds",
    done: async () => ((await writers.collectorStopped()) ? undefined : "the garbage collector is on"),
    run: async () => {
      await ((await writers.hasCollector()) ? writers.startCollector() : bringUpCollector());
      return "the garbage collector is on";
    },
  };
}
