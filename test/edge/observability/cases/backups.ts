import { type AlertCases, at, gauge, namespace, one, start } from "./case.ts";
import { critical, instance, warning } from "./scraped.ts";

const each = (metric: Parameters<typeof one>[0], values: string) =>
  Object.fromEntries([1, 2, 3].map((number) => [one(metric, instance(number)), values]));
const succeeded = (values: string) =>
  each("barman_cloud_cloudnative_pg_io_last_available_backup_timestamp", values);
const failed = (values: string) =>
  each("barman_cloud_cloudnative_pg_io_last_failed_backup_timestamp", values);
const oldest = (values: string) => each("barman_cloud_cloudnative_pg_io_first_recoverability_point", values);
const day = 24;

/** Whether the database could be restored, and to when. They are made every midnight, and kept for 30 days. */
export const backups: AlertCases = {
  AtticBackupTooOld: [
    {
      when: "the newest ended 30 hours ago, when one was due 6 hours ago",
      start,
      series: succeeded(gauge(["3h", at(-29)])),
      fires: {
        "75m": [],
        "76m": [
          {
            labels: warning({ namespace }),
            says: {
              summary: "The newest database backup is 1d 6h 16m 0s old",
              description:
                "The newest full backup of the database is 1d 6h 16m 0s old; it is made by the schedule " +
                '"0 0 0 * * *". A restore has to replay all logs since then, and needs every one of them.',
            },
          },
        ],
      },
    },
    {
      when: "the next one takes five hours",
      start,
      series: succeeded(gauge(["5h", at(-day)], ["5h", at(5)])),
      fires: { "299m": [], "599m": [] },
    },
    {
      when: "an instance that was just made does not know of any yet",
      start,
      series: {
        ...succeeded(gauge(["3h", at(-1)])),
        [one("barman_cloud_cloudnative_pg_io_last_available_backup_timestamp", instance(3))]: gauge([
          "3h",
          0,
        ]),
      },
      fires: { "179m": [] },
    },
    {
      when: "there has never been one, which another alert tells of",
      start,
      series: succeeded(gauge(["3h", 0])),
      fires: { "179m": [] },
    },
  ],
  AtticBackupMissing: [
    {
      when: "there is none three hours after the database was made",
      start,
      series: succeeded(gauge(["10m", undefined], ["4h", 0])),
      fires: {
        "189m": [],
        "190m": [
          {
            labels: critical({ namespace }),
            says: {
              summary: "The database in nix-cache has no backup at all",
              description:
                "There has been no full backup of the database in nix-cache for 3 hours, and logs alone restore " +
                "nothing: it cannot be restored.",
            },
          },
        ],
      },
    },
    {
      when: "the first one takes two hours",
      start,
      series: succeeded(gauge(["2h", 0], ["3h", at(2)])),
      fires: { "180m": [], "299m": [] },
    },
  ],
  AtticBackupFailed: [
    {
      when: "one fails after one that succeeded",
      start,
      series: { ...succeeded(gauge(["1h", at(-12)])), ...failed(gauge(["10m", 0], ["50m", at(0)])) },
      fires: {
        "9m": [],
        "10m": [
          {
            labels: warning({ namespace }),
            says: {
              summary: "The last database backup failed on 2026-01-01 00:00:00 +0000 UTC",
              description:
                "A full backup of the database failed on 2026-01-01 00:00:00 +0000 UTC, and none has succeeded since.",
            },
          },
        ],
      },
    },
    {
      when: "the first one fails",
      start,
      series: { ...succeeded(gauge(["1h", 0])), ...failed(gauge(["1h", at(0)])) },
      fires: { "1m": [{ labels: warning({ namespace }) }] },
    },
    {
      when: "one succeeds after one that failed",
      start,
      series: { ...succeeded(gauge(["1h", at(-1)])), ...failed(gauge(["1h", at(-2)])) },
      fires: { "59m": [] },
    },
    {
      when: "none ever ran",
      start,
      series: { ...succeeded(gauge(["1h", 0])), ...failed(gauge(["1h", 0])) },
      fires: { "59m": [] },
    },
  ],
  AtticRecoveryWindowShort: [
    {
      when: "backups of the last 20 days are removed",
      start,
      series: oldest(gauge(["2d", at(-30.5 * day)], ["3d", at(-10 * day)])),
      fires: {
        "2939m": [],
        "2940m": [
          {
            labels: warning({ namespace }),
            says: {
              summary: "The database can be restored no further back than 12d 1h 0m 0s",
              description:
                "Backups are kept for 30d, but the oldest moment that can be restored is only 12d 1h 0m 0s ago, and it " +
                "moved within the last day. Something other than the retention removes backups.",
            },
          },
        ],
      },
    },
    {
      when: "the two oldest are removed at once",
      start,
      series: oldest(gauge(["1d", at(-30 * day)], ["1d", at(-28.5 * day)])),
      fires: { "24h": [], "25h": [{ labels: warning({ namespace }) }] },
    },
    {
      when: "the oldest of 31 is removed every night",
      start,
      series: oldest(gauge(["1d", at(-30 * day)], ["1d", at(-29 * day)], ["1d", at(-28 * day)])),
      fires: { "25h": [], "47h": [], "71h": [] },
    },
    {
      when: "the database is young",
      start,
      series: oldest(gauge(["3d", at(-2 * day)])),
      fires: { "25h": [], "71h": [] },
    },
    {
      when: "the first backup of all is made",
      start,
      series: oldest(gauge(["1d", 0], ["2d", at(day)])),
      fires: { "26h": [], "71h": [] },
    },
  ],
  AtticBackupsNotRemoved: [
    {
      when: "the oldest is kept for 34 days",
      start,
      series: oldest(gauge(["3h", at(-34 * day)])),
      fires: {
        "60m": [],
        "61m": [
          {
            labels: warning({ namespace }),
            says: {
              summary: "The oldest database backup is 34d 1h 1m 0s old",
              description:
                "Backups are kept for 30d, but the oldest is 34d 1h 1m 0s old: the retention is not enforced, and the " +
                "bucket grows.",
            },
          },
        ],
      },
    },
    {
      when: "the oldest is kept until the next is 30 days old",
      start,
      series: oldest(gauge(["3h", at(-31 * day)])),
      fires: { "179m": [] },
    },
  ],
};

const lastFailed = one("cnpg_pg_stat_archiver_last_failed_time", instance(1));
const lastArchived = one("cnpg_pg_stat_archiver_last_archived_time", instance(1));
const waiting = (number: number) =>
  one("cnpg_collector_pg_wal_archive_status", instance(number, { value: "ready" }));
const inRecovery = (number: number) => one("cnpg_pg_replication_in_recovery", instance(number));
const roles = { [inRecovery(1)]: gauge(["1h", 0]), [inRecovery(2)]: gauge(["1h", 1]) };

/** Whether the logs since the last backup are kept. */
export const archive: AlertCases = {
  AtticWalArchivingFailing: [
    {
      when: "each attempt of a quarter of an hour fails",
      start,
      series: { [lastArchived]: gauge(["1h", at(0)]), [lastFailed]: `-1x9 ${at(1 / 6)}+60x50` },
      fires: {
        "24m": [],
        "25m": [
          {
            labels: critical({ namespace, pod: "attic-pg-1" }),
            says: {
              summary: "attic-pg-1 cannot archive its logs",
              description:
                "The primary attic-pg-1 has failed to archive logs for 15 minutes, last on 2026-01-01 00:25:00 +0000 " +
                "UTC. What is in them is in no backup, and they stay on the volume until it is full and the database " +
                "stops.",
            },
          },
        ],
      },
    },
    {
      when: "one fails, and the next succeeds",
      start,
      series: {
        [lastArchived]: gauge(["11m", at(0)], ["49m", at(0.2)]),
        [lastFailed]: gauge(["1h", at(0.1)]),
      },
      fires: { "15m": [], "59m": [] },
    },
    {
      when: "none ever failed",
      start,
      series: { [lastArchived]: gauge(["1h", at(0)]), [lastFailed]: gauge(["1h", -1]) },
      fires: { "59m": [] },
    },
  ],
  AtticWalArchivingBehind: [
    {
      when: "more than 32 logs wait on the primary",
      series: { ...roles, [waiting(1)]: gauge(["10m", 2], ["50m", 33]) },
      fires: {
        "24m": [],
        "25m": [
          {
            labels: warning(instance(1, { value: "ready" })),
            says: {
              summary: "33 logs of attic-pg-1 wait to be archived",
              description:
                "33 logs of 16 MB each have been waiting on the primary attic-pg-1 to be archived; more than 32 did " +
                "for 15 minutes. What is in them is in no backup yet.",
            },
          },
        ],
      },
    },
    {
      when: "32 do, and more on a replica, which archives nothing",
      series: { ...roles, [waiting(1)]: gauge(["1h", 32]), [waiting(2)]: gauge(["1h", 100]) },
      fires: { "59m": [] },
    },
  ],
};
