import { longestGap } from "../../../config/cron.ts";
import type { StackConfig } from "../../../config/index.ts";
import { series } from "../metrics/index.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import { lines, ofDatabase, primary, seconds } from "./scope.ts";

/** Whether the database could be restored, to when, and whether the logs arrive. */
export function backups(config: StackConfig): RuleGroup[] {
  const { provider, cloudNativePg } = config.database;
  if (provider !== "cloudNativePg" || !cloudNativePg.backup.enabled) return [];
  return [
    { name: "attic-backups", rules: [...full(config), ...window(config)] },
    { name: "attic-wal-archive", rules: archive(config) },
  ];
}

const days = { d: 1, w: 7, m: 31 } as const;

/** How long backups are kept, in seconds; barman's months have 31 days. */
export function retentionSeconds(retention: string): number {
  return Number.parseInt(retention, 10) * days[retention.slice(-1) as keyof typeof days] * seconds.day;
}

/** Every instance tells the same of the archive, so the newest word counts. */
const newest = (selector: string) => `max by (namespace) (${selector})`;

function full(config: StackConfig): Alert[] {
  const all = ofDatabase(config);
  const { schedule } = config.database.cloudNativePg.backup;
  // A backup takes its time, and not the same every day.
  const tooOld = longestGap(schedule) + 6 * seconds.hour;
  const succeeded = newest(series("barman_cloud_cloudnative_pg_io_last_available_backup_timestamp", all));
  const failed = newest(series("barman_cloud_cloudnative_pg_io_last_failed_backup_timestamp", all));
  return [
    {
      alert: "AtticBackupTooOld",
      expr: `time() - (${succeeded} > 0) > ${tooOld}`,
      for: "15m",
      severity: "warning",
      summary: "The newest database backup is {{ $value | humanizeDuration }} old",
      description:
        `The newest full backup of the database is {{ $value | humanizeDuration }} old; it is made by the schedule ` +
        `"${schedule}". A restore has to replay all logs since then, and needs every one of them.`,
    },
    {
      alert: "AtticBackupMissing",
      expr: `${succeeded} == 0`,
      for: "3h",
      severity: "critical",
      summary: "The database in {{ $labels.namespace }} has no backup at all",
      description:
        "There has been no full backup of the database in {{ $labels.namespace }} for 3 hours, and logs alone restore " +
        "nothing: it cannot be restored.",
    },
    {
      alert: "AtticBackupFailed",
      expr: `${failed} > ${succeeded}`,
      severity: "warning",
      summary: "The last database backup failed on {{ $value | humanizeTimestamp }}",
      description:
        "A full backup of the database failed on {{ $value | humanizeTimestamp }}, and none has succeeded since.",
    },
  ];
}

/** Both ends of what can be restored. */
function window(config: StackConfig): Alert[] {
  const { schedule, retention } = config.database.cloudNativePg.backup;
  const kept = retentionSeconds(retention);
  const oldest = series("barman_cloud_cloudnative_pg_io_first_recoverability_point", ofDatabase(config));
  return [
    {
      // A young database has a short window, too. But then its beginning stays where it is.
      alert: "AtticRecoveryWindowShort",
      expr: lines(
        `time() - (${newest(oldest)} > 0) < ${kept - seconds.hour}`,
        `and ${newest(oldest)} - (${newest(`${oldest} offset 1d`)} > 0) > ${seconds.hour}`,
      ),
      for: "1h",
      severity: "warning",
      summary: "The database can be restored no further back than {{ $value | humanizeDuration }}",
      description:
        `Backups are kept for ${retention}, but the oldest moment that can be restored is only ` +
        "{{ $value | humanizeDuration }} ago, and it moved within the last day. Something other than the retention " +
        "removes backups.",
    },
    {
      // The backup that the retention counts from is older by up to one gap of the schedule.
      alert: "AtticBackupsNotRemoved",
      expr: `time() - (${newest(oldest)} > 0) > ${kept + longestGap(schedule) + 3 * seconds.day}`,
      for: "1h",
      severity: "warning",
      summary: "The oldest database backup is {{ $value | humanizeDuration }} old",
      description:
        `Backups are kept for ${retention}, but the oldest is {{ $value | humanizeDuration }} old: the retention is ` +
        "not enforced, and the bucket grows.",
    },
  ];
}

function archive(config: StackConfig): Alert[] {
  const all = ofDatabase(config);
  const failed = series("cnpg_pg_stat_archiver_last_failed_time", all);
  const archived = series("cnpg_pg_stat_archiver_last_archived_time", all);
  const waiting = series("cnpg_collector_pg_wal_archive_status", { ...all, value: "ready" });
  return [
    {
      alert: "AtticWalArchivingFailing",
      expr: lines(failed, `> on (namespace, pod) ${archived}`),
      for: "15m",
      severity: "critical",
      summary: "{{ $labels.pod }} cannot archive its logs",
      description:
        "The primary {{ $labels.pod }} has failed to archive logs for 15 minutes, last on " +
        "{{ $value | humanizeTimestamp }}. What is in them is in no backup, and they stay on the volume until it is " +
        "full and the database stops.",
    },
    {
      alert: "AtticWalArchivingBehind",
      expr: lines(`${waiting} > 32`, `and on (namespace, pod) ${primary(config)}`),
      for: "15m",
      severity: "warning",
      summary: "{{ $value }} logs of {{ $labels.pod }} wait to be archived",
      description:
        "{{ $value }} logs of 16 MB each have been waiting on the primary {{ $labels.pod }} to be archived; more than " +
        "32 did for 15 minutes. What is in them is in no backup yet.",
    },
  ];
}
