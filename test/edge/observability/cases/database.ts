import { type AlertCases, gauge, namespace, one } from "./case.ts";
import { critical, instance, kubernetes, warning } from "./scraped.ts";

const up = (number: number) => one("cnpg_collector_up", instance(number, { cluster: "attic-pg" }));
const inRecovery = (number: number) => one("cnpg_pg_replication_in_recovery", instance(number));
const ready = (number: number) =>
  one("kube_pod_status_ready", kubernetes({ pod: `attic-pg-${number}`, condition: "true" }));
const apiPod = one("kube_pod_status_ready", kubernetes({ pod: "attic-5d9c7b6f4-abcde", condition: "true" }));

/** The primary is the first of three, and all is well. */
const healthy = {
  [up(1)]: gauge(["1h", 1]),
  [up(2)]: gauge(["1h", 1]),
  [up(3)]: gauge(["1h", 1]),
  [inRecovery(1)]: gauge(["1h", 0]),
  [inRecovery(2)]: gauge(["1h", 1]),
  [inRecovery(3)]: gauge(["1h", 1]),
  [ready(1)]: gauge(["1h", 1]),
  [ready(2)]: gauge(["1h", 1]),
  [ready(3)]: gauge(["1h", 1]),
  [apiPod]: gauge(["1h", 1]),
};

/** Ten minutes of health, and something else from then on. */
const then = (value: number | undefined) => gauge(["10m", value === 1 ? 0 : 1], ["50m", value]);
/** What is lost when a pod is gone: Prometheus marks its series as ended. */
const gone = "1x9 stale";

/** Whether there is a database, and how many copies of it. */
export const availability: AlertCases = {
  AtticPostgresDown: [
    {
      when: "PostgreSQL on one instance does not answer",
      series: { ...healthy, [up(2)]: then(0) },
      fires: {
        "11m": [],
        "12m": [
          {
            labels: critical(instance(2, { cluster: "attic-pg" })),
            says: {
              summary: "PostgreSQL on attic-pg-2 does not answer",
              description:
                "The instance attic-pg-2 runs, but PostgreSQL on it has not answered for 2 minutes. If it is the " +
                "primary, every push fails, and every pull that asks the database.",
            },
          },
        ],
      },
    },
    { when: "every instance answers", series: healthy, fires: { "59m": [] } },
    {
      when: "another cluster's does not",
      series: { ...healthy, [one("cnpg_collector_up", instance(2, { cluster: "other" }))]: gauge(["1h", 0]) },
      fires: { "59m": [] },
    },
  ],
  AtticPostgresNoPrimary: [
    {
      when: "the primary is gone, and no replica takes its place",
      series: { ...healthy, [up(1)]: gone, [inRecovery(1)]: "0x9 stale", [ready(1)]: gone },
      fires: {
        "11m": [],
        "12m": [
          {
            labels: critical({ namespace }),
            says: {
              summary: "The database has no primary",
              description:
                "No instance of the database has taken writes for 2 minutes; 2 answer at all. Every push fails, and " +
                "every pull that asks the database.",
            },
          },
        ],
      },
    },
    {
      when: "PostgreSQL answers on no instance",
      series: {
        ...healthy,
        ...Object.fromEntries([1, 2, 3].map((number) => [up(number), then(0)])),
        ...Object.fromEntries(
          [1, 2, 3].map((number) => [inRecovery(number), `${number === 1 ? 0 : 1}x9 stale`]),
        ),
      },
      fires: { "12m": [{ labels: critical({ namespace }) }] },
    },
    {
      when: "every pod is gone",
      series: {
        ...healthy,
        ...Object.fromEntries(
          [up, inRecovery, ready].flatMap((of) => [1, 2, 3].map((number) => [of(number), gone])),
        ),
        [inRecovery(1)]: "0x9 stale",
      },
      fires: { "12m": [{ labels: critical({ namespace }) }] },
    },
    {
      when: "no pod is ready, and none is scraped",
      series: { [apiPod]: gauge(["1h", 1]), [ready(1)]: gauge(["1h", 0]), [ready(2)]: gauge(["1h", 0]) },
      fires: { "12m": [{ labels: critical({ namespace }) }] },
    },
    {
      when: "a replica takes the primary's place within a minute",
      series: {
        ...healthy,
        [up(1)]: gone,
        [inRecovery(1)]: "0x9 stale",
        [inRecovery(2)]: gauge(["11m", 1], ["49m", 0]),
      },
      fires: { "11m": [], "12m": [], "59m": [] },
    },
    {
      when: "the database is not scraped, though its pods are ready",
      series: { [ready(1)]: gauge(["1h", 1]), [ready(2)]: gauge(["1h", 1]), [apiPod]: gauge(["1h", 1]) },
      fires: { "59m": [] },
    },
    { when: "nothing is scraped at all", series: {}, fires: { "59m": [] } },
  ],
  AtticPostgresInstancesMissing: [
    {
      when: "two of three are ready",
      series: { ...healthy, [ready(3)]: then(0) },
      fires: {
        "24m": [],
        "25m": [
          {
            labels: warning({ namespace }),
            says: {
              summary: "2 of 3 database instances are ready",
              description:
                "Only 2 of 3 instances of the database have been ready for 15 minutes. One more that is lost may stop " +
                "the cache.",
            },
          },
        ],
      },
    },
    {
      when: "there is no pod of it",
      series: { [apiPod]: gauge(["1h", 1]) },
      fires: { "14m": [], "15m": [{ labels: warning({ namespace }) }] },
    },
    { when: "all are ready", series: healthy, fires: { "59m": [] } },
    {
      when: "one is ready again after ten minutes",
      series: { ...healthy, [ready(3)]: gauge(["10m", 1], ["10m", 0], ["40m", 1]) },
      fires: { "25m": [], "59m": [] },
    },
    { when: "nothing is scraped at all", series: {}, fires: { "59m": [] } },
  ],
  AtticPostgresFenced: [
    {
      when: "an instance is",
      series: { [one("cnpg_collector_fencing_on", instance(2))]: then(1) },
      fires: {
        "24m": [],
        "25m": [
          {
            labels: warning(instance(2)),
            says: {
              summary: "The database instance attic-pg-2 is fenced",
              description:
                "Somebody fenced attic-pg-2: PostgreSQL on it is stopped, and stays so until the fence is lifted.",
            },
          },
        ],
      },
    },
    {
      when: "none is",
      series: { [one("cnpg_collector_fencing_on", instance(2))]: gauge(["1h", 0]) },
      fires: { "59m": [] },
    },
  ],
};

const lag = one("cnpg_pg_replication_lag", instance(2));
const receiver = one("cnpg_pg_replication_is_wal_receiver_up", instance(2));
const streaming = (number: number) => one("cnpg_pg_replication_streaming_replicas", instance(number));

/** Whether the replicas hold what the primary holds. */
export const replication: AlertCases = {
  AtticPostgresReplicationLag: [
    {
      when: "a replica is more than a minute behind",
      series: { [lag]: gauge(["10m", 1], ["20m", 61]) },
      fires: {
        "14m": [],
        "15m": [
          {
            labels: warning(instance(2)),
            says: {
              summary: "attic-pg-2 is 1m 1s behind the primary",
              description:
                "The replica attic-pg-2 has been more than 60 s behind for 5 minutes, now 1m 1s. A failover to it " +
                "would take as long to catch up, or lose as much.",
            },
          },
        ],
      },
    },
    { when: "it is a minute behind", series: { [lag]: gauge(["30m", 60]) }, fires: { "29m": [] } },
  ],
  AtticPostgresReplicaDisconnected: [
    {
      when: "a replica is not connected",
      series: { [receiver]: gauge(["10m", 1], ["20m", 0]), [inRecovery(2)]: gauge(["30m", 1]) },
      fires: {
        "19m": [],
        "20m": [
          {
            labels: warning(instance(2)),
            says: {
              summary: "attic-pg-2 receives nothing from the primary",
              description:
                "The replica attic-pg-2 has not been connected to the primary for 10 minutes. What it holds gets older, " +
                "whatever its lag says.",
            },
          },
        ],
      },
    },
    {
      when: "the primary is not, which never is",
      series: { [receiver]: gauge(["30m", 0]), [inRecovery(2)]: gauge(["30m", 0]) },
      fires: { "29m": [] },
    },
  ],
  AtticPostgresNoReplica: [
    {
      when: "none is connected to the primary",
      series: { ...healthy, [streaming(1)]: gauge(["10m", 2], ["50m", 0]), [streaming(2)]: gauge(["1h", 0]) },
      fires: {
        "19m": [],
        "20m": [
          {
            labels: critical(instance(1)),
            says: {
              summary: "The primary attic-pg-1 has no replica",
              description:
                "No replica has been connected to the primary attic-pg-1 for 10 minutes. Commits wait for nobody: if " +
                "the primary's volume is lost now, so is everything since the last archived log.",
            },
          },
        ],
      },
    },
    {
      when: "one of two is, and none is connected to that one",
      series: { ...healthy, [streaming(1)]: gauge(["1h", 1]), [streaming(2)]: gauge(["1h", 0]) },
      fires: { "59m": [] },
    },
  ],
  AtticPostgresPrimaryChanges: [
    {
      when: "it changes twice in six hours",
      series: {
        [inRecovery(1)]: gauge(["1h", 0], ["4h", 1], ["10h", 0]),
        [inRecovery(2)]: gauge(["1h", 1], ["4h", 0], ["10h", 1]),
      },
      fires: {
        "299m": [],
        "300m": [
          {
            labels: warning({ namespace }),
            says: {
              summary: "The database's primary changed 2 times in 6 hours",
              description:
                "A replica became the primary 2 times in 6 hours. Each time pushes fail for up to half a minute; " +
                "something keeps ending the primary.",
            },
          },
        ],
        "425m": [],
      },
    },
    {
      when: "it changes once",
      series: { [inRecovery(1)]: gauge(["1h", 0], ["7h", 1]), [inRecovery(2)]: gauge(["1h", 1], ["7h", 0]) },
      fires: { "61m": [], "7h": [] },
    },
  ],
};

const backends = (usename: string, state: string) =>
  one("cnpg_backends_total", instance(1, { datname: "attic", usename, application_name: "attic", state }));
const limit = one("cnpg_pg_settings_setting", instance(1, { name: "max_connections" }));
const deadlocks = one("cnpg_pg_stat_database_deadlocks", instance(1, { datname: "attic" }));
const oldest = (application_name: string) =>
  one(
    "cnpg_backends_max_tx_duration_seconds",
    instance(1, { datname: "attic", usename: "attic", application_name, state: "idle in transaction" }),
  );
const age = (number: number) => one("cnpg_pg_database_xid_age", instance(number, { datname: "attic" }));

/** Whether it can do its work. */
export const load: AlertCases = {
  AtticPostgresConnectionsHigh: [
    {
      when: "more than four fifths are in use",
      series: {
        [backends("attic", "active")]: gauge(["10m", 20], ["20m", 81]),
        [backends("attic", "idle")]: gauge(["30m", 80]),
        [limit]: gauge(["30m", 200]),
      },
      fires: {
        "14m": [],
        "15m": [
          {
            labels: warning({ namespace, pod: "attic-pg-1" }),
            says: {
              summary: "attic-pg-1 uses 80.5% of its connections",
              description:
                "80.5% of max_connections of attic-pg-1 have been in use for 5 minutes. When none is left, requests " +
                "wait 30 s and fail with 500.",
            },
          },
        ],
      },
    },
    {
      when: "four fifths are, and replicas have theirs",
      series: {
        [backends("attic", "active")]: gauge(["30m", 80]),
        [backends("attic", "idle")]: gauge(["30m", 80]),
        [backends("streaming_replica", "active")]: gauge(["30m", 10]),
        [limit]: gauge(["30m", 200]),
      },
      fires: { "29m": [] },
    },
  ],
  AtticPostgresDeadlocks: [
    {
      when: "there are more than five in five minutes",
      series: { [deadlocks]: gauge(["20m", 3], ["20m", 11]) },
      fires: {
        "19m": [],
        "21m": [
          {
            labels: warning(instance(1, { datname: "attic" })),
            says: {
              summary: "10 deadlocks in 5 minutes on attic-pg-1",
              description:
                "PostgreSQL on attic-pg-1 broke 10 deadlocks of the database attic within 5 minutes. Each is a request " +
                "that failed with 500.",
            },
          },
        ],
        "30m": [],
      },
    },
    {
      when: "there are four, after many long ago",
      series: { [deadlocks]: gauge(["20m", 300], ["20m", 304]) },
      fires: { "21m": [], "39m": [] },
    },
  ],
  AtticPostgresLongTransaction: [
    {
      when: "one is open for more than an hour",
      series: { [oldest("attic")]: "0+60x120", [oldest("psql")]: gauge(["2h", 5]) },
      fires: {
        "65m": [],
        "66m": [
          {
            labels: warning({ namespace, pod: "attic-pg-1", usename: "attic", state: "idle in transaction" }),
            says: {
              summary: "A transaction of attic is 1h 6m 0s old",
              description:
                "On attic-pg-1 a transaction of attic (idle in transaction) has been open for 1h 6m 0s. Until it ends, " +
                "nothing that was deleted since can be cleaned up, and what it locked stays locked.",
            },
          },
        ],
      },
    },
    {
      when: "each ends within the hour",
      series: { [oldest("attic")]: "0+60x60 0+60x60" },
      fires: { "60m": [], "65m": [], "119m": [] },
    },
  ],
  AtticPostgresTransactionIds: [
    {
      when: "half a thousand million are not frozen",
      series: { [age(1)]: gauge(["3h", 500_000_001]), [age(2)]: gauge(["3h", 500_000_001]) },
      fires: {
        "59m": [],
        "60m": [
          {
            labels: warning({ namespace, datname: "attic" }),
            says: {
              summary: "The database attic is 500M transactions old",
              description:
                "The oldest row of attic that is not frozen is 500M transactions old; autovacuum should have frozen it " +
                "at 200 million. At 2.1 billion PostgreSQL refuses every write.",
            },
          },
        ],
      },
    },
    {
      when: "autovacuum keeps up",
      series: { [age(1)]: gauge(["3h", 200_000_000]) },
      fires: { "179m": [] },
    },
  ],
};

const volume = { namespace, persistentvolumeclaim: "attic-pg-1", job: "kubelet", node: "node-1" };
const gibibyte = 2 ** 30;
const capacity = { [one("kubelet_volume_stats_capacity_bytes", volume)]: gauge(["1d", 10 * gibibyte]) };
const free = one("kubelet_volume_stats_available_bytes", volume);

/** Whether its volumes hold out. */
export const volumes: AlertCases = {
  AtticVolumeFilling: [
    {
      when: "it fills by 1 GiB a day, and less than 4 GiB of ten are free",
      series: { ...capacity, [free]: `${3.9 * gibibyte}-${gibibyte / 1440}x1440` },
      fires: {
        "59m": [],
        "12h": [
          {
            labels: warning(volume),
            says: {
              summary: "The volume attic-pg-1 will be full within 4 days",
              description:
                "34% of the volume attic-pg-1 are free, and at the pace of the last 6 hours none will be in 4 days. A " +
                "full volume stops the database.",
            },
          },
        ],
      },
    },
    {
      when: "it fills as fast, and more are",
      series: { ...capacity, [free]: `${4.8 * gibibyte}-${gibibyte / 1440}x1440` },
      fires: { "12h": [] },
    },
    {
      when: "fewer are, and it does not fill",
      series: { ...capacity, [free]: gauge(["1d", 3.1 * gibibyte]) },
      fires: { "12h": [] },
    },
  ],
  AtticVolumeFull: [
    {
      when: "less than a tenth is free",
      series: { ...capacity, [free]: gauge(["10m", 2 * gibibyte], ["20m", 0.99 * gibibyte]) },
      fires: {
        "14m": [],
        "15m": [
          {
            labels: critical(volume),
            says: {
              summary: "The volume attic-pg-1 is almost full",
              description:
                "Only 9.9% of the volume attic-pg-1 are free. A full volume stops the database, and no failover helps.",
            },
          },
        ],
      },
    },
    {
      when: "a tenth is",
      series: { ...capacity, [free]: gauge(["30m", gibibyte]) },
      fires: { "29m": [] },
    },
  ],
};
