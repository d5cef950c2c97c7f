import type { IScheduledBackup } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1";
import { nameOf, namespaceOf, specOf } from "../framework/kubernetes.ts";
import { each, resourcePolicy, stackPolicy } from "../framework/policy.ts";
import { flag, integer } from "../framework/settings.ts";
import { ofKind } from "../framework/subject.ts";
import { CLUSTER, clusterOf } from "./cluster.ts";
import { days } from "./retention.ts";

const SCHEDULED = "postgresql.cnpg.io/ScheduledBackup";
const STORE = "barmancloud.cnpg.io/ObjectStore";
type Scheduled = IScheduledBackup["spec"];

/** Replicas repeat every mistake at once; a backup does not. */
export const databaseBackups = stackPolicy({
  name: "database-backups",
  description: "The database archives its write-ahead log, and has a schedule of full backups.",
  level: "mandatory",
  *check(stack) {
    yield* each(ofKind(stack, CLUSTER), function* (resource) {
      const { plugins = [], backup } = clusterOf(resource);
      const archiver = plugins.find(
        ({ isWALArchiver, enabled }) => isWALArchiver === true && enabled !== false,
      );
      if (!archiver && !backup?.barmanObjectStore) {
        yield {
          resource,
          field: "spec.plugins",
          found: plugins.map(({ name }) => name),
          problem: "the write-ahead log is archived nowhere",
          fix: "Leave attic:database.cloudNativePg.backup.enabled on.",
        };
      }
      const store = (archiver?.parameters as Record<string, string> | undefined)?.barmanObjectName;
      const known = ofKind(stack, STORE).some(
        (each) => nameOf(each) === store && namespaceOf(each) === namespaceOf(resource),
      );
      if (archiver && !known) {
        yield {
          resource,
          field: "spec.plugins",
          found: store,
          problem:
            "the stack makes no such ObjectStore in the database's namespace, so nothing can be archived",
          fix: "Name one that it makes.",
        };
      }
      const scheduled = ofKind(stack, SCHEDULED).filter((each) => {
        const { cluster, suspend } = specOf<Scheduled>(each);
        return (
          cluster?.name === nameOf(resource) &&
          namespaceOf(each) === namespaceOf(resource) &&
          suspend !== true
        );
      });
      if (scheduled.length > 0) return;
      yield {
        resource,
        field: "metadata.name",
        found: nameOf(resource),
        problem: "no ScheduledBackup takes full backups of it, and logs alone restore nothing",
        fix: "Leave attic:database.cloudNativePg.backup.enabled on.",
      };
    });
  },
});

/** CloudNativePG's schedules begin with seconds: the five fields of cron mean something else, or nothing. */
export const backupSchedule = resourcePolicy({
  name: "backup-schedule",
  description: "Full backups have a schedule of six fields, on every day.",
  level: "mandatory",
  kinds: [SCHEDULED],
  settings: { everyDay: flag(true, "whether there must be one on every day") },
  *check(subject, { everyDay }) {
    const { schedule = "" } = specOf<Scheduled>(subject);
    const fields = schedule.split(" ");
    const words = /^@(hourly|daily|midnight)$/.test(schedule);
    if (words) return;
    if (fields.length !== 6 || !fields.every((field) => /^[\d*?/,A-Z-]+$/i.test(field))) {
      yield {
        field: "spec.schedule",
        found: schedule,
        problem: `${fields.length} fields; the operator reads six, beginning with seconds`,
        fix: 'Write it in full, for instance "0 0 0 * * *" for midnight.',
      };
    } else if (everyDay && !fields.slice(3).every((field) => field === "*" || field === "?")) {
      yield {
        field: "spec.schedule",
        found: schedule,
        problem: "there are days without a full backup: a restore has to replay the logs of several",
        fix: 'Leave day, month and weekday at *, for instance "0 0 0 * * *".',
      };
    }
  },
});

/** Most mistakes are found within days, some within weeks. */
export const backupRetention = resourcePolicy({
  name: "backup-retention",
  description: "Backups are kept long enough.",
  level: "mandatory",
  kinds: [STORE],
  settings: { leastDays: integer(30, "how far back a restore must be possible, in days") },
  *check(subject, { leastDays }) {
    const { retentionPolicy } = specOf<{ retentionPolicy: string }>(subject);
    const kept = days(retentionPolicy);
    if (kept !== undefined && kept >= leastDays) return;
    yield {
      field: "spec.retentionPolicy",
      found: retentionPolicy,
      problem:
        retentionPolicy === undefined
          ? "backups are never removed, and cost more every day"
          : `a restore must be possible for ${leastDays} days`,
      fix: `Set attic:database.cloudNativePg.backup.retention to ${leastDays}d or more.`,
    };
  },
});
