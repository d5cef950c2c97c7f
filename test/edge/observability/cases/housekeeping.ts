import { type AlertCases, at, gauge, type Labels, namespace, one, start } from "./case.ts";
import { critical, kubernetes, warning } from "./scraped.ts";

const collector = kubernetes({ deployment: "attic-gc" });
const job = kubernetes({ cronjob: "attic-gc" });
const day = 24;

/** Whether what nobody needs is removed. */
export const garbageCollection: AlertCases = {
  AtticGarbageCollectionStale: [
    {
      when: "its Deployment has had no pod for an hour",
      series: { [one("kube_deployment_status_replicas_available", collector)]: gauge(["10m", 1], ["2h", 0]) },
      fires: {
        "69m": [],
        "70m": [
          {
            labels: warning(collector),
            says: {
              summary: "The garbage collector attic-gc does not run",
              description:
                "The Deployment nix-cache/attic-gc has had no running pod for an hour, so nothing is removed, and the " +
                "bucket grows. It collects when it starts, and then every 12h.",
            },
          },
        ],
      },
    },
    {
      when: "its Deployment is updated",
      series: {
        [one("kube_deployment_status_replicas_available", collector)]: gauge(
          ["10m", 1],
          ["50m", 0],
          ["1h", 1],
        ),
      },
      fires: { "59m": [], "119m": [] },
    },
    {
      when: "its CronJob, which runs every night, succeeded 26 hours ago",
      stack: "least, with a CronJob",
      start,
      series: {
        [one("kube_cronjob_status_last_successful_time", job)]: gauge(["2h", at(-26)]),
        [one("kube_cronjob_created", job)]: gauge(["2h", at(-1000)]),
      },
      fires: {
        "15m": [],
        "16m": [
          {
            labels: warning(job),
            says: {
              summary: "No garbage has been collected for 1d 2h 16m 0s",
              description:
                'The CronJob nix-cache/attic-gc has not succeeded for 1d 2h 16m 0s; its schedule is "0 3 * * *". ' +
                "Nothing is removed, and the bucket grows.",
            },
          },
        ],
      },
    },
    {
      when: "it never did, and was made 27 hours ago",
      stack: "least, with a CronJob",
      start,
      series: { [one("kube_cronjob_created", job)]: gauge(["2h", at(-27)]) },
      fires: { "16m": [{ labels: warning(job) }] },
    },
    {
      when: "it succeeded a day ago, and runs for an hour now",
      stack: "least, with a CronJob",
      start,
      series: {
        [one("kube_cronjob_status_last_successful_time", job)]: gauge(["1h", at(-day)], ["5h", at(1)]),
        [one("kube_cronjob_created", job)]: gauge(["6h", at(-1000)]),
      },
      fires: { "59m": [], "359m": [] },
    },
  ],
};

/** As its chart has it scraped, where the scraper's own labels win. */
const exported = {
  exported_namespace: namespace,
  namespace: "cert-manager",
  job: "cert-manager",
  instance: "10.244.2.5:9402",
  name: "attic",
  issuer_name: "letsencrypt",
  issuer_kind: "ClusterIssuer",
};
/** As where the exporter's labels win. */
const honoured = { namespace, job: "cert-manager", instance: "10.244.2.5:9402", name: "attic" };
/** The label `namespace` of an alert is the stack's in any case. */
const routed = (labels: Labels) => ({ ...labels, namespace });

const expires = (labels: Labels) => one("certmanager_certificate_expiration_timestamp_seconds", labels);
const renews = (labels: Labels) => one("certmanager_certificate_renewal_timestamp_seconds", labels);
const isReady = (labels: Labels, condition: string) =>
  one("certmanager_certificate_ready_status", { ...labels, condition });

/** Whether the cache's certificate is good. */
export const certificate: AlertCases = {
  AtticCertificateExpiring: [
    {
      when: "it ends within a week, and was to be renewed long ago",
      start,
      series: {
        [expires(exported)]: gauge(["3h", at(7 * day)]),
        [renews(exported)]: gauge(["3h", at(-23 * day)]),
      },
      fires: {
        "60m": [],
        "61m": [
          {
            labels: critical(routed(exported)),
            says: {
              summary: "The cache's certificate ends in 6d 22h 59m 0s",
              description:
                "The certificate attic ends in 6d 22h 59m 0s and has not been renewed, though it was due. Then Nix " +
                "refuses the cache, and builds go on without it.",
            },
          },
        ],
      },
    },
    {
      when: "the exporter's labels win",
      start,
      series: {
        [expires(honoured)]: gauge(["3h", at(day)]),
        [renews(honoured)]: gauge(["3h", at(-23 * day)]),
      },
      fires: { "61m": [{ labels: critical(honoured) }] },
    },
    {
      when: "it lives for six days only, and is not due yet",
      start,
      series: {
        [expires(exported)]: gauge(["3h", at(6 * day)]),
        [renews(exported)]: gauge(["3h", at(4 * day)]),
      },
      fires: { "179m": [] },
    },
    {
      when: "it is due, and ends in more than a week",
      start,
      series: {
        [expires(exported)]: gauge(["3h", at(8 * day)]),
        [renews(exported)]: gauge(["3h", at(-22 * day)]),
      },
      fires: { "179m": [] },
    },
    {
      when: "another stack's ends",
      start,
      series: {
        [expires({ ...exported, exported_namespace: "other" })]: gauge(["3h", at(day)]),
        [renews({ ...exported, exported_namespace: "other" })]: gauge(["3h", at(-day)]),
      },
      fires: { "179m": [] },
    },
  ],
  AtticCertificateNotRenewed: [
    {
      when: "it was due a day ago",
      start,
      series: { [renews(exported)]: gauge(["3h", at(-day)]) },
      fires: {
        "60m": [],
        "61m": [
          {
            labels: warning(routed(exported)),
            says: {
              summary: "The cache's certificate should have been renewed 1d 1h 1m 0s ago",
              description:
                "The certificate attic was due to be renewed 1d 1h 1m 0s ago, and has not been. It goes on being valid " +
                "for now.",
            },
          },
        ],
      },
    },
    {
      when: "it was due less than a day ago",
      start,
      series: { [renews(exported)]: gauge(["3h", at(-20)]) },
      fires: { "179m": [] },
    },
    {
      when: "it was never issued, and has no such time",
      start,
      series: { [renews(exported)]: gauge(["3h", 0]) },
      fires: { "179m": [] },
    },
  ],
  AtticCertificateNotReady: [
    {
      when: "it is not for a quarter of an hour",
      series: {
        [isReady(exported, "True")]: gauge(["10m", 1], ["20m", 0]),
        [isReady(exported, "False")]: gauge(["10m", 0], ["20m", 1]),
        [isReady(exported, "Unknown")]: gauge(["30m", 0]),
      },
      fires: {
        "24m": [],
        "25m": [
          {
            labels: warning(routed({ ...exported, condition: "False" })),
            says: {
              summary: "The cache's certificate is not ready",
              description:
                "The certificate attic has not been ready for 15 minutes: it is not signed yet, its Secret does not " +
                "match it, or it has ended. Without a good one Nix refuses the cache.",
            },
          },
        ],
      },
    },
    {
      when: "nothing is known of it yet",
      series: { [isReady(honoured, "Unknown")]: gauge(["30m", 1]) },
      fires: { "15m": [{ labels: warning({ ...honoured, condition: "Unknown" }) }] },
    },
    {
      when: "it is ready",
      series: {
        [isReady(exported, "True")]: gauge(["30m", 1]),
        [isReady(exported, "False")]: gauge(["30m", 0]),
        [isReady(exported, "Unknown")]: gauge(["30m", 0]),
      },
      fires: { "29m": [] },
    },
  ],
};

const token = (name: string, kind: string, generation = "3") => ({
  namespace,
  token: name,
  kind,
  generation,
});
const ends = (of: Labels) => one("attic_token_expiry_timestamp_seconds", of);
const due = (of: Labels) => one("attic_token_rotation_due_timestamp_seconds", of);
const told = (name: string, kind: string) => ({ namespace, token: name, kind });
const main = token("gitlab-main", "ci");

/** Whether tokens take each other's place in time. */
export const tokens: AlertCases = {
  AtticTokenRotationOverdue: [
    {
      when: "the next one has been due for two days",
      start,
      series: { [due(main)]: gauge(["1h", at(-2 * day)]), [ends(main)]: gauge(["1h", at(12 * day)]) },
      fires: {
        "0m": [],
        "1m": [
          {
            labels: warning(told("gitlab-main", "ci")),
            says: {
              summary: "The token gitlab-main should have been rotated 2d 0h 1m 0s ago",
              description:
                "The next token of gitlab-main (ci) has been due for 2d 0h 1m 0s. It is made by an update, and the " +
                "scheduled one has not run, or failed.",
            },
          },
        ],
      },
    },
    {
      when: "it was due yesterday, and a root token long ago",
      start,
      series: {
        [due(main)]: gauge(["1h", at(-day)]),
        [due(token("admin", "root"))]: gauge(["1h", at(-30 * day)]),
      },
      fires: { "59m": [] },
    },
    {
      when: "an update makes the next one, and the series of the old one ends",
      start,
      series: {
        [due(main)]: `${at(-2 * day)}x9 stale`,
        [due(token("gitlab-main", "ci", "4"))]: gauge(["10m", undefined], ["50m", at(76 * day)]),
      },
      fires: { "9m": [{ labels: warning(told("gitlab-main", "ci")) }], "10m": [], "59m": [] },
    },
  ],
  AtticTokenExpiring: [
    {
      when: "it ends within a week, and was due a week ago",
      start,
      series: { [due(main)]: gauge(["1h", at(-7 * day)]), [ends(main)]: gauge(["1h", at(7 * day)]) },
      fires: {
        "0m": [],
        "1m": [
          {
            labels: critical(told("gitlab-main", "ci")),
            says: {
              summary: "The token gitlab-main ends in 6d 23h 59m 0s",
              description:
                "The newest token of gitlab-main (ci) ends in 6d 23h 59m 0s, and more than half of the time for taking " +
                "its place is gone. Then whoever uses it gets 401.",
            },
          },
        ],
      },
    },
    {
      when: "a root token does",
      start,
      series: {
        [due(token("admin", "root"))]: gauge(["1h", at(-23 * day)]),
        [ends(token("admin", "root"))]: gauge(["1h", at(6 * day)]),
      },
      fires: { "1m": [{ labels: critical(told("admin", "root")) }] },
    },
    {
      when: "one with a short lead has most of it left",
      start,
      series: { [due(main)]: gauge(["1h", at(-0.5 * day)]), [ends(main)]: gauge(["1h", at(1.5 * day)]) },
      fires: { "59m": [] },
    },
    {
      when: "the one before it ends, as it is meant to",
      start,
      series: {
        [due(main)]: gauge(["1h", at(-13 * day)]),
        [ends(main)]: gauge(["1h", at(day)]),
        [due(token("gitlab-main", "ci", "4"))]: gauge(["1h", at(63 * day)]),
        [ends(token("gitlab-main", "ci", "4"))]: gauge(["1h", at(77 * day)]),
      },
      fires: { "59m": [] },
    },
    {
      when: "it ends in more than a week",
      start,
      series: { [due(main)]: gauge(["1h", at(-8 * day)]), [ends(main)]: gauge(["1h", at(7.1 * day)]) },
      fires: { "59m": [] },
    },
  ],
  AtticRootTokenDue: [
    {
      when: "one is due",
      start,
      series: { [due(token("admin", "root"))]: gauge(["3h", at(0)]) },
      fires: {
        "60m": [],
        "61m": [
          {
            labels: warning(told("admin", "root")),
            says: {
              summary: "The root token admin has to be rotated by hand",
              description:
                "The root token admin has been due for 1h 1m 0s. Root tokens are made anew only when somebody raises " +
                "their generation.",
            },
          },
        ],
      },
    },
    {
      when: "it is due later, and another kind of token is",
      start,
      series: {
        [due(token("admin", "root"))]: gauge(["3h", at(4)]),
        [due(main)]: gauge(["3h", at(-1)]),
      },
      fires: { "179m": [] },
    },
  ],
};
