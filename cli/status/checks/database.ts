import { longestGap } from "../../../config/cron.ts";
import type { StackConfig } from "../../../config/resolve.ts";
import { formatDuration, secondsOf } from "../../time.ts";
import type { Backups, Database } from "../snapshot.ts";
import {
  type Check,
  type Facts,
  failed,
  judged,
  passed,
  runbook,
  unattended,
  type Verdict,
  without,
} from "./check.ts";

const hour = 3_600;

/** A backup takes its time, and not the same every day; the same as the alert AtticBackupTooOld allows. */
const slack = 6 * hour;

/** How long a new database may be without its first backup; the same as the alert AtticBackupMissing allows. */
const grace = 3 * hour;

/** Seconds that a replica may be behind; the same as the alert AtticPostgresReplicationLag allows. */
const lagAllowed = 60;

const external = ({ config }: Facts) =>
  without(config.database.provider === "external", "the stack's database is external");

const unsaved = (facts: Facts) =>
  external(facts) ??
  without(!facts.config.database.cloudNativePg.backup.enabled, "the stack makes no backups") ??
  unattended(facts, "Barman Cloud plugin");

/** Whether the database is there, and could be restored. */
export const databaseChecks: readonly Check[] = [
  {
    id: "database-ready",
    area: "database",
    title: "the database is ready, with all its instances",
    see: runbook("AtticPostgresInstancesMissing"),
    skip: (facts) => {
      const { database } = facts.snapshot;
      // With `npm run local -- --operators` there is one, and it is checked.
      const untouched = database?.is === "there" && database.value.phase === undefined;
      return external(facts) ?? (untouched ? unattended(facts, "database operator") : undefined);
    },
    expected: ({ config }) =>
      `ready, and ${config.database.cloudNativePg.instances} of ${config.database.cloudNativePg.instances} instances`,
    judge: ({ snapshot, config }) =>
      judged(snapshot.database, (database) => whole(database, config.database.cloudNativePg.instances)),
  },
  {
    id: "database-lag",
    area: "database",
    title: "the replicas keep up",
    see: runbook("AtticPostgresReplicationLag"),
    only: "status",
    skip: (facts) => {
      const { prometheus } = facts.snapshot;
      const measured = prometheus.is === "there" && prometheus.value.replicationLag !== undefined;
      return external(facts) ?? (measured ? undefined : "no Prometheus tells the lag");
    },
    expected: () => `${lagAllowed} s behind at most`,
    judge: ({ snapshot }) =>
      judged(snapshot.prometheus, ({ replicationLag = 0 }) => ({
        ok: replicationLag <= lagAllowed,
        found: `${Math.round(replicationLag)} s behind`,
      })),
  },
  {
    id: "database-archiving",
    area: "backup",
    title: "write-ahead logs are archived",
    see: runbook("AtticWalArchivingFailing"),
    skip: unsaved,
    expected: () => "the Cluster's condition ContinuousArchiving is True",
    judge: ({ snapshot }) =>
      judged(snapshot.database, ({ archiving }) => {
        if (!archiving) return failed("the operator does not say yet");
        return { ok: archiving.ok, found: archiving.message };
      }),
  },
  {
    id: "backup-age",
    area: "backup",
    title: "the last full backup is young enough",
    see: runbook("AtticBackupTooOld"),
    skip: unsaved,
    expected: ({ config }) => `younger than ${age(oldest(config))}`,
    judge: ({ snapshot, config, now }) =>
      judged(snapshot.backup, (backups) => {
        const created = snapshot.database?.is === "there" ? snapshot.database.value.created : undefined;
        return young(backups, created, oldest(config), now);
      }),
  },
];

/** A span for people, in hours where a day more or less counts. */
const age = (span: number) =>
  span < 72 * hour ? `${Math.max(0, Math.floor(span / hour))} h` : formatDuration(span);

/** Seconds that the newest backup may be old. */
const oldest = ({ database }: StackConfig) => longestGap(database.cloudNativePg.backup.schedule) + slack;

function whole(
  { phase, phaseReason, ready, instances, readyInstances, primary, nextPrimary }: Database,
  declared: number,
): Verdict {
  if (phase === undefined) return failed("no operator has taken it up");
  const words = phaseReason ? `${phase} (${phaseReason})` : phase;
  const problems = [
    ...(ready ? [] : [`not ready: ${words}`]),
    ...(instances === declared ? [] : [`${instances} instances asked for`]),
    ...(readyInstances >= declared ? [] : [`${readyInstances} of ${declared} instances ready`]),
    ...(primary ? [] : ["no primary"]),
    ...(nextPrimary ? [`the primary changes from ${primary} to ${nextPrimary}`] : []),
  ];
  if (problems.length > 0) return failed(problems.join(", "));
  return passed(`${readyInstances} of ${declared} instances ready, primary ${primary}`);
}

function young(
  { lastSuccess, lastFailure, failure }: Backups,
  created: string | undefined,
  most: number,
  now: Date,
): Verdict {
  const ago = (time: string) => now.getTime() / 1000 - secondsOf(time);
  const reason = failure ? `: ${failure}` : "";
  const after = lastFailure && (!lastSuccess || lastFailure > lastSuccess) ? lastFailure : undefined;
  const since = after ? `; one failed ${age(ago(after))} ago${reason}` : "";
  if (lastSuccess) {
    return { ok: ago(lastSuccess) < most, found: `${age(ago(lastSuccess))} old${since}` };
  }
  // The first one is begun with the database.
  if (!after && created && ago(created) < grace) {
    return passed(`none yet: the database was made ${age(ago(created))} ago`);
  }
  return failed(`there is none${since}`);
}
