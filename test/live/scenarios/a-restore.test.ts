/**
 * Promise: what a wrong statement did to the database is undone by docs/disaster-recovery.md, word for word: a drill on
 * the side, then a restore to a moment. What was uploaded before the moment is there again byte by byte, what came after
 * it is not, the garbage collector stays off until somebody says so, and the figures are within the targets of that page.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { inOrder } from "../../support/live/in-order.ts";
import { record } from "../../support/live/report.ts";
import { declared, stackText } from "../../support/live/stack-file.ts";
import { token } from "../../support/live/traffic/index.ts";
import { askBack, startUploads, type Upload } from "../../support/live/uploads/index.ts";
import { type Seen, startWatching } from "../../support/live/watching/index.ts";
import {
  ctl,
  databaseHealthy,
  kubectl,
  object,
  output,
  paths,
  sql,
  withoutCollector,
} from "../../support/live/world.ts";
import { missing } from "../missing.ts";
import { short } from "../short.ts";

const scenario = "restore to a moment";

/** The targets of docs/disaster-recovery.md, in seconds. */
const rto = 30 * 60;
const drillRto = 20 * 60;
const rpo = 10 * 60;

interface DrillReport {
  passed: boolean;
  removed: boolean;
  recoveryTime: number;
  dataLoss?: number;
  namespace: string;
}

describe.skipIf(missing || short)("a wrong statement", { timeout: 1_800_000 }, () => {
  const known: Upload[] = [];
  const later: Upload[] = [];
  let moment = "";

  inOrder();
  afterAll(async () => {
    await databaseHealthy();
    await removeKeptVolumes();
  });

  test("comes while paths are uploaded, some time after a full backup that was made meanwhile", async () => {
    const uploads = await startUploads(1);
    try {
      const begun = performance.now();
      expect(await ctl("db", "backup", "--wait")).toContain("is complete");
      record(scenario, { what: "a full backup by hand", value: since(begun), unit: "s" });
      const newest = await drill();
      record(
        scenario,
        { what: "drill of the newest state: recovery", value: newest.recoveryTime, unit: "s" },
        {
          what: "drill of the newest state: pushes not in the archive",
          value: newest.dataLoss ?? -1,
          unit: "s",
        },
      );
      expect(newest.dataLoss).toBeLessThanOrEqual(rpo);
      moment = `${new Date().toISOString().slice(0, 19)}Z`;
      await sleep(10_000);
    } finally {
      await uploads.stop();
    }
    known.push(...uploads.acknowledged().filter(({ acknowledged }) => acknowledged < Date.parse(moment)));
    later.push(...uploads.acknowledged().filter(({ sent }) => sent > Date.parse(moment)));
    expect(known.length).toBeGreaterThan(20);
    expect(later.length).toBeGreaterThan(2);
    await sql("DELETE FROM object; DELETE FROM cache");
    expect((await askBack(known.slice(0, 3))).map(({ same }) => same)).toEqual([false, false, false]);
  });

  test("is left out by a drill to the moment before it, at once and on the side, of which nothing is left", async () => {
    const { recoveryTime } = await drill("--to", moment);
    record(scenario, { what: "drill to a moment: recovery", value: recoveryTime, unit: "s" });
    expect(recoveryTime).toBeLessThan(drillRto);
  });

  test("changes nothing when a restore is only shown", async () => {
    const before = stackText();
    expect(await ctl("db", "restore", "--to", moment, "--dry-run")).toContain("Remove the old database");
    expect(stackText()).toBe(before);
    expect(await collectors()).toBe(1);
  });

  test("is undone by a restore to the moment before it, under the targets", async () => {
    const [some] = known as [Upload, ...Upload[]];
    const authorization = `Bearer ${await token("developers")}`;
    const watching = await startWatching([
      { name: "narinfo", path: `/main/${some.hash}.narinfo`, authorization, everySeconds: 0.5 },
      { name: "root", path: "/", everySeconds: 0.5 },
    ]);
    const begun = Date.now();
    let said = "";
    let seen: readonly Seen[];
    try {
      said = await ctl("db", "restore", "--to", moment, "--yes");
    } finally {
      await sleep(2000);
      seen = await watching.stop();
    }
    const whole = (Date.now() - begun) / 1000;
    console.log(said);
    const back = first(seen, begun, ({ name, status }) => name === "narinfo" && status === 200);
    const off = first(seen, begun, ({ name, status }) => name === "root" && status !== 200);
    record(
      scenario,
      { what: "from the command until the API serves what was uploaded", value: back, unit: "s" },
      { what: "no request answered, of that", value: back - off, unit: "s" },
      { what: "until the restored database has a full backup of its own", value: whole, unit: "s" },
    );
    expect(back).toBeLessThan(rto);
  });

  test("has cost nothing of what was uploaded before the moment, byte by byte", async () => {
    const lost = (await askBack(known)).filter(({ same }) => !same);
    record(scenario, { what: "uploads of before the moment", value: known.length, unit: "requests" });
    record(scenario, { what: "of those, lost", value: lost.length, unit: "requests" });
    expect(lost).toEqual([]);
  });

  test("takes with it all that came after the moment", async () => {
    const found = await askBack(later);
    expect(found.filter(({ status }) => status !== 404)).toEqual([]);
    const names = later.map(({ hash }) => `'${hash}'`).join();
    expect(await sql(`SELECT count(*) FROM object WHERE store_path_hash IN (${names})`)).toBe("0");
  });

  test("leaves a stack that verifies and takes uploads, with the garbage collector off", async () => {
    expect(await ctl("verify", "--wait", "3m", ...withoutCollector)).not.toContain("✗");
    expect(await collectors()).toBe(0);
    const uploads = await startUploads(1);
    await sleep(5000);
    await uploads.stop();
    expect(uploads.acknowledged().length).toBeGreaterThan(2);
    expect((await askBack(uploads.acknowledged())).every(({ same }) => same)).toBe(true);
  });

  test("keeps the old volumes, and archives under a new name", async () => {
    expect((await keptVolumes()).length).toBe(3);
    const used = await kubectl(
      ...["get", "cluster", "attic-pg", "-o", "jsonpath={.spec.plugins[0].parameters.serverName}"],
    );
    expect(declared("attic:database.cloudNativePg.restore.serverName")).toBe(used);
    expect(used).not.toBe("attic-pg");
  });

  test("is over when the same command is told to start the garbage collector", async () => {
    await ctl("db", "restore", "--to", moment, "--start-gc", "--yes");
    expect(await collectors()).toBe(1);
    expect(await ctl("verify", "--wait", "3m")).not.toContain("✗");
  });
});

const since = (begun: number) => (performance.now() - begun) / 1000;

/** Seconds from a moment to the first answer that is so, at or after it; NaN when none is. */
function first(seen: readonly Seen[], from: number, is: (each: Seen) => boolean): number {
  const found = seen.find((each) => each.at >= from && is(each));
  // A request may have waited long for an answer that was given at its end.
  return found ? (found.at + (found.status === 200 ? found.seconds * 1000 : 0) - from) / 1000 : Number.NaN;
}

/** @throws Error when it does not pass */
async function drill(...options: string[]): Promise<DrillReport> {
  const file = join(paths.root, "drill.json");
  await ctl("db", "drill", ...options, "--report", file);
  const report = JSON.parse(readFileSync(file, "utf8")) as DrillReport;
  expect(report).toMatchObject({ passed: true, removed: true });
  expect(await output("kubectl", "get", "namespace", report.namespace, "--ignore-not-found")).toBe("");
  return report;
}

/** How many pods of the garbage collector are wanted. */
const collectors = async (): Promise<number | undefined> =>
  (await object<{ spec: { replicas: number } }>("deployment", "attic-gc"))?.spec.replicas;

interface Volumes {
  items: {
    metadata: { name: string };
    spec: { claimRef?: { name: string; namespace: string } };
    status: { phase: string };
  }[];
}

/** Volumes of databases that are gone. */
async function keptVolumes(): Promise<string[]> {
  const { items } = JSON.parse(await output("kubectl", "get", "pv", "-o", "json")) as Volumes;
  return items
    .filter(({ spec, status }) => status.phase === "Released" && spec.claimRef?.name.startsWith("attic-pg-"))
    .map(({ metadata }) => metadata.name);
}

/** As a person does in a month. */
async function removeKeptVolumes(): Promise<void> {
  const patch = JSON.stringify({ spec: { persistentVolumeReclaimPolicy: "Delete" } });
  for (const volume of await keptVolumes()) await output("kubectl", "patch", "pv", volume, "-p", patch);
}
