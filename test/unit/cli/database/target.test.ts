import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fullBackups, recoveryWindows } from "../../../../cli/database/recovery-window.ts";
import { nextServerName, usedServerNames } from "../../../../cli/database/server-names.ts";
import { obstacle, startingBackup, targetOf, targetSettings } from "../../../../cli/database/target.ts";
import { databaseConfig, restore } from "../../components/postgres/settings.ts";
import { completedBackup, liveCluster, store } from "./database.ts";

const from = new Date("2026-11-01T00:00:00Z");
const now = new Date("2026-11-21T00:00:00Z");
const archive = { server: "attic-pg", window: { from, lastBackup: now }, backups: [] };
const times = fc.date({
  min: new Date("2026-01-01T00:00:00Z"),
  max: new Date("2027-12-31T00:00:00Z"),
  noInvalidDate: true,
});

describe("a moment", () => {
  test("can be restored when it is in the recovery window and past, and never else", () => {
    fc.assert(
      fc.property(times, (time) => {
        const possible = time >= from && time <= now;
        expect(obstacle({ kind: "time", time }, archive, now) === undefined).toBe(possible);
      }),
    );
  });

  test("begins with the newest full backup that ended before it", () => {
    fc.assert(
      fc.property(fc.array(times, { maxLength: 5 }), times, (ends, time) => {
        const backups = fullBackups(
          ends.map((end, i) => ({
            apiVersion: "postgresql.cnpg.io/v1",
            kind: "Backup",
            metadata: { name: `b${i}` },
            status: { phase: "completed", backupId: `${i}`, stoppedAt: end.toISOString() },
          })),
        );
        const before = ends.filter((end) => end <= time).map(Number);
        const chosen = startingBackup({ kind: "time", time }, backups);
        expect(chosen && Number(chosen.stopped)).toBe(before.length > 0 ? Math.max(...before) : undefined);
      }),
    );
  });

  test("is written as the stack's file takes it, and means the same", () => {
    fc.assert(
      fc.property(times, (time) => {
        const { targetTime = "" } = targetSettings({ kind: "time", time });
        const { restore: read } = databaseConfig({ restore: { ...restore, targetTime } }).database
          .cloudNativePg;
        expect(new Date(read?.targetTime ?? "").getTime()).toBe(time.getTime());
      }),
      { numRuns: 30 },
    );
  });

  test("says why not", () => {
    const why = (time: string) => obstacle({ kind: "time", time: new Date(time) }, archive, now);
    expect(why("2026-10-31T23:59:59Z")).toContain("before 2026-11-01T00:00:00Z, the earliest");
    expect(why("2026-11-21T00:00:01Z")).toContain("in the future");
  });
});

test("nothing can be restored out of an archive that has no full backup", () => {
  const empty = { ...archive, window: undefined };
  expect(obstacle({ kind: "latest" }, empty, now)).toContain("no full backup");
});

test("a restore point needs a full backup that is there", () => {
  const backups = fullBackups([completedBackup(0)].map((one) => ({ ...one, metadata: { name: "b" } })));
  const target = { kind: "name", name: "before", backupId: "20261121T080000" } as const;
  expect(obstacle(target, { ...archive, backups }, now)).toBeUndefined();
  expect(obstacle({ ...target, backupId: "20261120T000000" }, { ...archive, backups }, now)).toContain(
    "no full backup 20261120T000000; the newest are 20261121T080000",
  );
});

describe("the state that is wanted", () => {
  test.each([
    [{ to: "2026-11-20T10:30:00Z" }, { targetTime: "2026-11-20T10:30:00Z" }],
    [{ to: "2026-11-20T11:30+01:00" }, { targetTime: "2026-11-20T10:30:00Z" }],
    [
      { toName: "before", backupId: "20261120T000000" },
      { targetName: "before", backupId: "20261120T000000" },
    ],
    [{ latest: true }, {}],
  ])("is read: %o", (options, settings) => {
    expect(targetSettings(targetOf(options))).toEqual(settings);
  });

  test.each([
    ["none", {}, "which state"],
    ["two", { to: "2026-11-20", latest: true }, "only one"],
    ["a restore point without a backup", { toName: "before" }, "go together"],
    ["a backup for a moment", { to: "2026-11-20", backupId: "20261120T000000" }, "go together"],
    ["a backup that is none", { toName: "a", backupId: "yesterday" }, "no backup's id"],
    ["a day that is none", { to: "2026-02-30" }, "no date"],
  ])("is refused: %s", (_, options, words) => {
    expect(() => targetOf(options)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(words), exitCode: 2 }),
    );
  });
});

describe("a new server name", () => {
  test("was never used, whatever was", () => {
    const name = fc.oneof(
      fc.integer({ min: 1, max: 5000 }).map((number) => `attic-pg-${number}`),
      fc.constantFrom("attic-pg", "attic-pg-x", "other-9", "attic-pg-1e3", "attic-pg--4"),
    );
    fc.assert(
      fc.property(fc.array(name), (used) => {
        expect(used).not.toContain(nextServerName(used));
      }),
    );
  });

  test("has the next number", () => {
    expect(nextServerName([])).toBe("attic-pg-2");
    expect(nextServerName(["attic-pg", "attic-pg-2"])).toBe("attic-pg-3");
    expect(nextServerName(["attic-pg", "attic-pg-7"])).toBe("attic-pg-8");
  });

  test("is none of those of the file, the live database, where it came from, and the archives", () => {
    const cluster = { ...liveCluster("attic-pg-3") };
    const spec = cluster.spec as Record<string, unknown>;
    spec.externalClusters = [{ name: "origin", plugin: { parameters: { serverName: "attic-pg-2" } } }];
    const windows = store({ "attic-pg-4": { from: "2026-11-01T00:00:00Z" } });
    const used = usedServerNames(databaseConfig({ restore: { ...restore, serverName: "attic-pg-5" } }), {
      cluster,
      store: windows,
    });
    expect(used.sort()).toEqual(["attic-pg", "attic-pg-2", "attic-pg-3", "attic-pg-4", "attic-pg-5"]);
  });
});

test("recovery windows are those of archives with a full backup", () => {
  const told = store({ "attic-pg": { from: "2026-11-01T00:00:00Z" } });
  (told.status as { serverRecoveryWindow: Record<string, object> }).serverRecoveryWindow["attic-pg-2"] = {
    lastFailedBackupTime: "2026-11-02T00:00:00Z",
  };
  expect(Object.keys(recoveryWindows(told))).toEqual(["attic-pg"]);
  expect(recoveryWindows(undefined)).toEqual({});
});
