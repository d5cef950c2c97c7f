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
                "No replica has been connected to the primary attic-pg-1 for 10 minutes. Commits wait for nobody, or, " +
                "while a replica's pod is ready all the same, for ever: then every push fails. If the primary's volume " +
                "is lost now, so is everything since the last archived log.",
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
