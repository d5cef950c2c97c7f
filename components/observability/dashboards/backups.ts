import { longestGap } from "../../../config/cron.ts";
import type { StackConfig } from "../../../config/index.ts";
import { ofDatabase, seconds } from "../alerts/scope.ts";
import { series } from "../metrics/index.ts";
import type { Dashboard, Section } from "./dashboard.ts";
import { graph, stat, unit } from "./panels.ts";

/** Whether the database could be restored, and to which moments. */
export function backups(config: StackConfig): Dashboard | undefined {
  const { provider, cloudNativePg } = config.database;
  if (provider !== "cloudNativePg" || !cloudNativePg.backup.enabled) return undefined;
  return {
    name: "backups",
    title: "Attic backups",
    description: "Whether the database could be restored, and to which moments.",
    from: "now-7d",
    sections: [full(config), logs(config)],
  };
}

function full(config: StackConfig): Section {
  const all = ofDatabase(config);
  const { retention, schedule } = config.database.cloudNativePg.backup;
  const gap = longestGap(schedule);
  // Zero stands for what there has never been. Every instance tells the same of the archive.
  const known = (selector: string) => `max(${selector} > 0)`;
  const succeeded = known(series("barman_cloud_cloudnative_pg_io_last_available_backup_timestamp", all));
  const failed = known(series("barman_cloud_cloudnative_pg_io_last_failed_backup_timestamp", all));
  const oldest = known(series("barman_cloud_cloudnative_pg_io_first_recoverability_point", all));
  return {
    title: "Full backups",
    panels: [
      stat({
        title: "Newest backup",
        description: `How long ago the newest full backup ended. The schedule is \`${schedule}\`: UTC, seconds first.`,
        unit: unit.seconds,
        width: 8,
        expr: `time() - ${succeeded}`,
        nothing: "there is none",
        steps: ["green", [gap + 2 * seconds.hour, "orange"], [gap + 6 * seconds.hour, "red"]],
      }),
      stat({
        title: "Newest failure",
        description: "How long ago a full backup failed last. Its Backup object says why.",
        unit: unit.seconds,
        width: 8,
        expr: `time() - ${failed}`,
        nothing: "none has failed",
      }),
      stat({
        title: "Recovery window",
        description: `How far back the database can be restored to any moment. Backups are kept for ${retention}.`,
        unit: unit.seconds,
        width: 8,
        expr: `time() - ${oldest}`,
        nothing: "it cannot be restored",
      }),
      graph({
        title: "Age of the newest backup",
        description:
          "It falls to zero with every backup. A tooth that is missing is a backup that is missing.",
        unit: unit.seconds,
        lines: { age: `time() - ${succeeded}` },
      }),
      graph({
        title: "Recovery window over time",
        description:
          "It grows until it reaches the retention and stays there, a little above. A fall is a backup that something " +
          "other than the retention has removed.",
        unit: unit.seconds,
        lines: { window: `time() - ${oldest}` },
      }),
    ],
  };
}

function logs(config: StackConfig): Section {
  const all = ofDatabase(config);
  const archived = series("cnpg_pg_stat_archiver_archived_count", all);
  const failed = series("cnpg_pg_stat_archiver_failed_count", all);
  const last = series("cnpg_pg_stat_archiver_last_archived_time", all);
  return {
    title: "Write-ahead logs",
    panels: [
      stat({
        title: "Newest log",
        description:
          "How long ago a log was archived last: what is lost if every volume is lost now. It is five minutes at most while " +
          "there are writes, and may be longer without.",
        unit: unit.seconds,
        height: 8,
        expr: `time() - max(${last} > 0)`,
        nothing: "there is none",
      }),
      graph({
        title: "Logs archived",
        description:
          "Logs within ten minutes, and attempts that failed. While they fail the volume fills; the container " +
          "`plugin-barman-cloud` says why.",
        unit: unit.count,
        width: 10,
        lines: {
          archived: `sum(increase(${archived}[10m]))`,
          failed: `sum(increase(${failed}[10m]))`,
        },
      }),
      graph({
        title: "Logs that wait",
        description:
          "Logs of 16 MB on each instance that are still to be archived. A few are normal under load.",
        unit: unit.count,
        width: 10,
        lines: {
          "{{pod}}": `max by (pod) (${series("cnpg_collector_pg_wal_archive_status", { ...all, value: "ready" })})`,
        },
      }),
    ],
  };
}
