import { type AlertCases, gauge, namespace, one } from "./case.ts";
import { critical, instance, object, warning } from "./scraped.ts";

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
      when: "fewer are not",
      series: { [age(1)]: gauge(["3h", 499_000_000]) },
      fires: { "179m": [] },
    },
  ],
};

const volume = { namespace, persistentvolumeclaim: "attic-pg-1", job: "kubelet", node: "node-1" };
const gibibyte = 2 ** 30;
const capacity = { [one("kubelet_volume_stats_capacity_bytes", volume)]: gauge(["1d", 10 * gibibyte]) };
const free = one("kubelet_volume_stats_available_bytes", volume);

const filling = (share: string) => ({
  summary: "The volume attic-pg-1 will be full within 4 days",
  description:
    `${share} of the volume attic-pg-1 are free, and at the pace of the last 6 hours none will be in 4 days. A full ` +
    "volume stops the database.",
});

/** Whether its volumes hold out. */
export const volumes: AlertCases = {
  AtticVolumeFilling: [
    {
      when: "it fills by 1 GiB a day, and less than 4 GiB of ten are free",
      series: { ...capacity, [free]: `${3.9 * gibibyte}-${gibibyte / 1440}x1440` },
      fires: {
        "60m": [],
        "62m": [
          { labels: warning(object({ persistentvolumeclaim: "attic-pg-1" })), says: filling("38.57%") },
        ],
        "12h": [
          {
            labels: warning(object({ persistentvolumeclaim: "attic-pg-1" })),
            says: filling("34%"),
          },
        ],
      },
    },
    {
      when: "it fills by 2 GiB a day, and 4.5 GiB of ten are free",
      series: { ...capacity, [free]: `${5.5 * gibibyte}-${gibibyte / 720}x1440` },
      fires: { "12h": [] },
    },
    {
      when: "it fills by half a GiB a day, and 3 GiB of ten are free",
      series: { ...capacity, [free]: `${3.25 * gibibyte}-${gibibyte / 2880}x1440` },
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
            labels: critical(object({ persistentvolumeclaim: "attic-pg-1" })),
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
