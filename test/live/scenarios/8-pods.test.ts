/**
 * What pods are given is too little: memory for the API, of which the kernel ends one process, and room on the volume
 * of the database's primary, on which PostgreSQL then stops. What is promised: the other pods of the API go on, and the
 * alerts on both fire (docs/alerts.md); a volume on which PostgreSQL has stopped is made larger by hand and those of the
 * others by configuration (docs/runbooks/AtticVolumeFull.md), and nothing that was acknowledged is lost.
 *
 * Long: about 15 minutes, half of them waiting for an alert that waits for 5 minutes itself. The database's volumes stay
 * larger than they were: they never shrink.
 */
import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytes } from "../../../config/quantity.ts";
import { ground } from "../../../live/nodes/index.ts";
import { storageClass } from "../../../live/volumes/decide.ts";
import { apiPods } from "../../support/live/api-pods.ts";
import { everyPodBack } from "../../support/live/nodes.ts";
import { figure, firing, toldSince } from "../../support/live/on-call.ts";
import { record } from "../../support/live/report.ts";
import { change, declared, deploy, stackText } from "../../support/live/stack-file.ts";
import { startTraffic } from "../../support/live/traffic/index.ts";
import { failures, underTraffic } from "../../support/live/under-traffic.ts";
import { askBack, startUploads, type Uploads } from "../../support/live/uploads/index.ts";
import {
  ctl,
  databaseHealthy,
  kubectl,
  object,
  output,
  paths,
  primary,
  sql,
  until,
} from "../../support/live/world.ts";
import { missing } from "../missing.ts";
import { short } from "../short.ts";

interface Pod {
  status: {
    containerStatuses: {
      name: string;
      restartCount: number;
      lastState: { terminated?: { reason: string; exitCode: number } };
    }[];
  };
}

/** The API's pods of which a container was ended for its memory. */
async function outOfMemory(): Promise<string[]> {
  const pods = await Promise.all(
    (await apiPods()).map(async ({ name }) => ({ name, pod: await object<Pod>("pod", name) })),
  );
  return pods
    .filter(({ pod }) =>
      pod?.status.containerStatuses.some(({ lastState }) => lastState.terminated?.reason === "OOMKilled"),
    )
    .map(({ name }) => name);
}

/** Waits until somebody was told of an alert since a moment. @returns seconds since then */
async function told(alert: string, since: number, seconds: number): Promise<number> {
  const find = async () => (await toldSince(since)).find((each) => each.alert === alert);
  await until(`somebody is told of ${alert}`, seconds, async () => (await find()) !== undefined, 1000);
  return (((await find())?.at as number) - since) / 1000;
}

describe.skipIf(missing || short)("a pod that is given too little", { timeout: 1_500_000 }, () => {
  let before = "";
  let volume: Filled | undefined;
  let uploads: Uploads | undefined;
  let update: Promise<unknown> = Promise.resolve();

  beforeAll(() => {
    before = stackText();
  });

  afterAll(async () => {
    // First: whatever still waits does so for room, and the next update is refused as long as one runs.
    volume?.empty();
    await uploads?.stop();
    await update.catch(() => {});
    // Volumes never shrink.
    const size = declared(storage);
    change(size === undefined ? {} : { [storage]: size }, before);
    await deploy();
    await everyPodBack();
    await ctl("verify", "--wait", "3m");
  });

  test("memory, as the API is by large uploads, is ended by the kernel, and the others go on", async () => {
    const scenario = "8 a pod of the API has too little memory";
    const resources = "attic:api.resources";
    change({ [`${resources}.requests.memory`]: "64Mi", [`${resources}.limits.memory`]: "64Mi" });
    await deploy();
    const begun = Date.now();
    const figures = await underTraffic(scenario, "large uploads", async () => {
      // One a minute: each ends the pod that it comes to, and the others are to go on.
      const large = await startTraffic({ pushes: 1 / 60, pulls: 0, size: 60_000_000, first: 0 });
      try {
        const seconds = await until(
          "a pod is ended for its memory",
          180,
          async () => (await outOfMemory()).length > 0,
        );
        record(scenario, { what: "large uploads until a pod was ended", value: seconds, unit: "s" });
      } finally {
        const { routes, lost } = await large.stop();
        record(scenario, {
          what: "large uploads that failed",
          value: routes.push.failures.length,
          unit: "requests",
        });
        for (const { at, why } of routes.push.failures)
          console.log(`${scenario}: large upload ${at}: ${why}`);
        expect(lost).toEqual([]);
      }
      await until("every pod of the API is ready again", 180, async () =>
        (await apiPods()).every(({ ready }) => ready),
      );
    });
    record(scenario, {
      what: "AtticPodOutOfMemory: told after",
      value: await told("AtticPodOutOfMemory", begun, 120),
      unit: "s",
    });
    expect(figures.lost).toEqual([]);
    const requests = Object.values(figures.routes).reduce((sum, route) => sum + route.requests, 0);
    expect(failures(figures).length).toBeLessThan(requests / 4);
  });

  test("room, as the primary of the database is, stops, and goes on when its volume is made larger", async () => {
    const scenario = "8 the volume of the database's primary is full";
    const instance = await primary();
    volume = await volumeOf(instance);
    await sql("CREATE TABLE public.filler (line text)");
    uploads = await startUploads(1, 20_000);
    await new Promise((resolve) => setTimeout(resolve, 5000));

    // Something that grew: whatever is on the volume counts, also what is not the database's.
    const began = Date.now();
    volume.fill(0.05);
    const full = await told("AtticVolumeFull", began, 480);
    record(scenario, { what: "AtticVolumeFull: told after 95 % were reached", value: full, unit: "s" });
    expect(
      await figure(`kubelet_volume_stats_available_bytes{persistentvolumeclaim="${instance}"}`),
    ).toBeGreaterThan(0);

    volume.fill(0.003);
    const write =
      "INSERT INTO public.filler SELECT repeat(md5(i::text), 100) FROM generate_series(1, 5000) i; SELECT pg_switch_wal()";
    let complaint = "";
    await until("PostgreSQL finds no room", 120, async () => {
      complaint = await sql(write, instance).then(
        () => "",
        (error: Error) => error.message,
      );
      return complaint !== "";
    });
    console.log(`${scenario}: ${complaint}`);
    const stopped = Date.now();
    const uploaded = uploads.stop();
    await until("the operator says so", 180, async () => (await phase()) === "Not enough disk space");
    record(scenario, { what: "until the operator says so", value: (Date.now() - stopped) / 1000, unit: "s" });
    const alone = await told("AtticPostgresNoPrimary", stopped, 300);
    record(scenario, { what: "AtticPostgresNoPrimary: told after", value: alone, unit: "s" });
    expect(await primary()).toBe(instance);

    const wanted = `${Math.ceil(1.5 * gibibytes())}Gi`;
    const grown = Date.now();
    change({ [storage]: wanted });
    update = deploy();
    // Should it fail while something else is waited for, it is told of where it is.
    update.catch(() => {});
    // What the runbook says of it: an operator that sees a full volume does nothing else, larger claims included.
    await until(
      "the cluster is to have larger volumes",
      300,
      async () =>
        (await kubectl("get", "cluster", "attic-pg", "-o", "jsonpath={.spec.storage.size}")) === wanted,
    );
    await new Promise((resolve) => setTimeout(resolve, 45_000));
    expect(await claimed(instance)).not.toBe(wanted);
    const byHand = Date.now();
    const larger = { spec: { resources: { requests: { storage: wanted } } } };
    await kubectl("patch", "pvc", instance, "--patch", JSON.stringify(larger));
    await until("PostgreSQL runs again", 420, async () => (await sql("SELECT 1", instance)) === "1", 1000);
    record(scenario, {
      what: "from the larger claim to PostgreSQL, which waits for its next start",
      value: (Date.now() - byHand) / 1000,
      unit: "s",
    });
    await update;
    await databaseHealthy();
    record(scenario, {
      what: "from the larger size to a database that is well",
      value: (Date.now() - grown) / 1000,
      unit: "s",
    });
    for (const each of await claims()) expect(await claimed(each)).toBe(wanted);
    await uploaded;
    const acknowledged = uploads.acknowledged();
    const lost = (await askBack(acknowledged)).filter(({ same }) => !same);
    record(
      scenario,
      { what: "acknowledged uploads", value: acknowledged.length, unit: "requests" },
      { what: "of them lost", value: lost.length, unit: "requests" },
    );
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(lost).toEqual([]);
    volume.empty();
    await sql("DROP TABLE public.filler");
    await until("AtticVolumeFull is over", 300, async () => !(await firing()).includes("AtticVolumeFull"));
  });
});

const storage = "attic:database.cloudNativePg.storage.size";
const gibibytes = () => bytes((declared(storage) as string | undefined) ?? "10Gi") / 1024 ** 3;

const claims = async () =>
  (
    await kubectl(
      "get",
      "pvc",
      "--selector=cnpg.io/cluster=attic-pg",
      "-o",
      "jsonpath={.items[*].metadata.name}",
    )
  ).split(" ");

const claimed = (claim: string) =>
  kubectl("get", "pvc", claim, "-o", "jsonpath={.spec.resources.requests.storage}");

const phase = async () => kubectl("get", "cluster", "attic-pg", "-o", "jsonpath={.status.phase}");

interface Filled {
  /** Has something take all but a share of it. */
  fill(share: number): void;
  /** Takes that away. */
  empty(): void;
}

/** The volume of an instance, as it is seen from where it is mounted. */
async function volumeOf(instance: string): Promise<Filled> {
  const name = await kubectl("get", "pvc", instance, "-o", "jsonpath={.spec.volumeName}");
  const path = await output("kubectl", "get", "pv", name, "-o", "jsonpath={.spec.local.path}");
  const there = join(`/proc/${(await ground(paths))?.pid}/root`, path);
  const ballast = join(there, "ballast");
  expect(storageClass).toBe("standard");
  return {
    fill(share) {
      const { bavail, blocks, bsize } = statfsSync(there);
      const more = (bavail - Math.ceil(blocks * share)) * bsize;
      // Without writing it: the machine's own disk need not have the room.
      execFileSync("fallocate", ["--length", String(more), `${ballast}-${share}`]);
    },
    empty() {
      execFileSync("sh", ["-c", 'rm -f "$0"-*', ballast]);
    },
  };
}
