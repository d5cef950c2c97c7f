import { afterAll, expect, test } from "vitest";
import { backupObject } from "../../../../cli/database/backup-object.ts";
import { scheduledBackup } from "../../../../components/postgres/backup.ts";
import { databaseConfig } from "../../components/postgres/settings.ts";
import { fakeCluster } from "../cluster.ts";
import { atEveryWait, databaseProject, liveCluster } from "./database.ts";

const project = databaseProject();
afterAll(() => project.remove());
const name = "attic-pg-20261122080000";

/** The backup goes on, as the operator tells, at each look. */
function operator(...statuses: Record<string, unknown>[]) {
  const cluster = fakeCluster({ objects: [liveCluster()] });
  const meanwhile = atEveryWait((waits) => {
    const backup = cluster.objects.find(({ kind }) => kind === "Backup");
    if (backup) backup.status = statuses[waits - 1] ?? statuses.at(-1) ?? {};
  });
  return { cluster, meanwhile };
}

test("a backup is made in the way of the scheduled ones", () => {
  const config = databaseConfig();
  const { cluster, method, pluginConfiguration } = scheduledBackup(config).spec;
  expect(backupObject(config, name).spec).toEqual({ cluster, method, pluginConfiguration });
});

test("it is asked for, and not waited for", async () => {
  const { cluster, meanwhile } = operator();
  const { code, stdout } = await project.run(["db", "backup"], { cluster, meanwhile });
  expect({ code, changes: cluster.changes.map(({ what }) => what) }).toEqual({
    code: 0,
    changes: [`create Backup ${name}`],
  });
  expect(stdout).toContain(`get backups.postgresql.cnpg.io ${name}`);
});

test("it is followed to its end", async () => {
  const { cluster, meanwhile } = operator(
    { phase: "running" },
    {
      phase: "completed",
      backupId: "20261122T080001",
      startedAt: "2026-11-22T08:00:01Z",
      stoppedAt: "2026-11-22T08:01:00Z",
    },
  );
  const { code, stdout, stderr } = await project.run(["db", "backup", "--wait"], { cluster, meanwhile });
  expect(code).toBe(0);
  expect(stdout).toBe(
    `Backup ${name} is complete, from 2026-11-22T08:00:01Z to 2026-11-22T08:01:00Z; its id is 20261122T080001.\n`,
  );
  expect(stderr).toBe(`${name}: new\n${name}: running\n${name}: completed\n`);
});

test("its failure is the command's, in the plugin's own words", async () => {
  const { cluster, meanwhile } = operator({ phase: "failed", error: "AccessDenied" });
  const { code, stdout, stderr } = await project.run(["db", "backup", "--wait"], { cluster, meanwhile });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain(`backup ${name} failed: AccessDenied`);
  expect(stderr).toContain("AtticBackupFailed");
});

test("one that does not end is left to go on", async () => {
  const { cluster, meanwhile } = operator({ phase: "running" });
  const { code, stderr } = await project.run(["db", "backup", "--wait", "--timeout", "10m"], {
    cluster,
    meanwhile,
  });
  expect(code).toBe(1);
  expect(stderr).toContain("It goes on; nothing was stopped");
  expect(cluster.objects.some(({ kind }) => kind === "Backup")).toBe(true);
});

test("there is none of a database that is not there", async () => {
  const cluster = fakeCluster();
  expect((await project.run(["db", "backup"], { cluster })).code).toBe(3);
  expect(cluster.changes).toEqual([]);
});

test.each([
  [
    "an external database",
    {
      database: {
        provider: "external",
        external: { host: "db.example.com", passwordSecret: { name: "a", key: "b" } },
      },
    },
    "external database",
  ],
  [
    "backups that are off",
    { database: { cloudNativePg: { backup: { enabled: false } } } },
    "backup.enabled is false",
  ],
] as const)("a stack with %s says so", async (_, settings, words) => {
  const other = databaseProject(settings);
  const { code, stderr } = await other.run(["db", "backup"], { cluster: fakeCluster() });
  other.remove();
  expect(code).toBe(2);
  expect(stderr).toContain(words);
});
