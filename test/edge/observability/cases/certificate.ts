import { type AlertCases, at, gauge, type Labels, namespace, one, start } from "./case.ts";
import { critical, warning } from "./scraped.ts";

const day = 24;

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
/** What an alert says of it, in any case. */
const told = { namespace, name: "attic" };

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
            labels: critical(told),
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
      fires: { "61m": [{ labels: critical(told) }] },
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
            labels: warning(told),
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
            labels: warning(told),
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
      fires: { "15m": [{ labels: warning(told) }] },
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
