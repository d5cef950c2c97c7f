import {
  type AlertCases,
  counter,
  counterEvery,
  type Firing,
  gauge,
  type Labels,
  namespace,
  one,
} from "./case.ts";
import { critical, kubernetes, warning } from "./scraped.ts";
import { count, scraped, timed, within } from "./traffic.ts";

const good = count({ route: "narinfo" });
const bad = count({ route: "narinfo", code: "503" });
const hit = { route: "narinfo" } as const;
const info = { route: "cacheInfo" } as const;

const slo = (name: string, window: string): Labels => ({
  namespace,
  sloth_id: `nix-cache-attic-${name}`,
  sloth_service: "nix-cache-attic",
  sloth_slo: name,
  sloth_window: window,
});
const failing = (window: string) => slo("availability", window);

/** Whether requests fail now, whatever is left of the budget. There are 6000 a minute. */
export const rates: AlertCases = {
  AtticSLOAvailabilityBreach: [
    {
      when: "eleven of ten thousand fail for five minutes",
      series: { [good]: counter(["1h", 6000], ["20m", 5993.4]), [bad]: counter(["1h", 0], ["20m", 6.6]) },
      fires: {
        "68m": [],
        "71m": [
          {
            labels: critical(failing("5m")),
            says: {
              summary: "0.11% of requests fail, more than the objective allows",
              description:
                "For five minutes the cache has answered more than 0.1 % of requests with a server error, now 0.11%.",
            },
          },
        ],
      },
    },
    {
      when: "nine of ten thousand fail",
      series: { [good]: counter(["1h", 6000]), [bad]: counter(["1h", 5.4]) },
      fires: { "59m": [] },
    },
    {
      when: "every request fails, and there are nine of them in five minutes",
      series: { [bad]: counter(["1h", 1.8]) },
      fires: { "59m": [] },
    },
  ],
  AtticAvailabilityWarning: [
    {
      when: "six of ten thousand fail for a quarter of an hour",
      series: { [good]: counter(["1h", 5996.4], ["40m", 5996.4]), [bad]: counter(["1h", 0], ["40m", 3.6]) },
      fires: {
        "75m": [],
        "81m": [
          {
            labels: warning(failing("5m")),
            says: {
              summary: "0.06% of requests fail",
              description:
                "For 15 minutes the cache has answered more than 0.05 % of requests with a server error, now 0.06%.",
            },
          },
        ],
      },
    },
    {
      when: "45 of a hundred thousand fail",
      series: { [good]: counter(["1h", 6000]), [bad]: counter(["1h", 2.7]) },
      fires: { "59m": [] },
    },
    {
      when: "every request fails, and there are nine of them in five minutes",
      series: { [bad]: counter(["1h", 1.8]) },
      fires: { "59m": [] },
    },
  ],
  AtticErrorRateHigh: [
    {
      when: "two of a thousand fail for twelve minutes",
      every: "4m",
      series: {
        [good]: counterEvery("4m", ["1d", 6000], ["20m", 5988]),
        [bad]: counterEvery("4m", ["1d", 0], ["20m", 12]),
      },
      fires: { "24h": [], "1452m": [high("5m", "0.2%", "five minutes", "0.1 %")] },
    },
    {
      when: "six of ten thousand fail for an hour",
      every: "4m",
      series: {
        [good]: counterEvery("4m", ["1d", 6000], ["80m", 5996.4]),
        [bad]: counterEvery("4m", ["1d", 0], ["80m", 3.6]),
      },
      fires: { "1480m": [], "1500m": [high("1h", "0.06%", "hour", "0.05 %")] },
    },
    {
      when: "two of ten thousand fail for a day",
      every: "4m",
      series: {
        [good]: counterEvery("4m", ["1d", 6000], ["26h", 5998.8]),
        [bad]: counterEvery("4m", ["1d", 0], ["26h", 1.2]),
      },
      fires: { "35h": [], "49h": [high("1d", "0.02%", "day", "0.01 %")] },
    },
    {
      when: "nine of a hundred thousand do",
      every: "4m",
      series: { [good]: counterEvery("4m", ["1d", 6000]), [bad]: counterEvery("4m", ["1d", 0.54]) },
      fires: { "23h": [] },
    },
    {
      when: "every request of a day fails, and there are nine of them",
      every: "4m",
      series: { [bad]: counterEvery("4m", ["1d", 0.00625]) },
      fires: { "23h": [] },
    },
  ],
};

function high(window: string, share: string, words: string, target: string): Firing {
  return {
    labels: warning(failing(window)),
    says: {
      summary: `${share} of requests failed within the last ${words}`,
      description:
        `${share} of requests within the last ${words} were answered with a server error; the target is less than ` +
        `${target}.`,
    },
  };
}

/** Four minutes in which a share of the requests fail, after three days of health since the stack was made. */
const outage = (share: number) => ({
  every: "4m" as const,
  series: {
    [good]: counterEvery("4m", ["3d", 6000], ["4m", 6000 * (1 - share)], ["1h", 6000]),
    [bad]: counterEvery("4m", ["3d", 0], ["4m", 6000 * share], ["1h", 0]),
  },
});

const left = (share: string, below: string) => ({
  summary: `${share} of the availability's error budget is left`,
  description:
    `Of the requests that may fail within 30 days, less than ${below} are left: ${share}. Below zero the objective ` +
    "is missed.",
});

/** How much of the error budget is left. As long as the stack is younger than 30 days, it is one of its age. */
export const budgets: AlertCases = {
  AtticErrorBudgetLow: [
    {
      when: "a little more than three quarters of it are used up",
      ...outage(0.82),
      fires: {
        "72h": [],
        "4350m": [{ labels: warning(failing("30d")), says: left("24.56%", "25 %") }],
      },
    },
    { when: "a little less than three quarters of it are", ...outage(0.8), fires: { "4350m": [] } },
    {
      when: "half of the requests fail, and there are nine of them",
      every: "4m",
      series: { [good]: counterEvery("4m", ["3d", 0.002]), [bad]: counterEvery("4m", ["3d", 0.002]) },
      fires: { "71h": [] },
    },
  ],
  AtticErrorBudgetCritical: [
    {
      when: "a little more than nine tenths of it are used up",
      ...outage(0.99),
      fires: {
        "72h": [],
        "4350m": [{ labels: critical(failing("30d")), says: left("8.924%", "10 %") }],
      },
    },
    { when: "a little less than nine tenths of it are", ...outage(0.97), fires: { "4350m": [] } },
  ],
};

/** Whether answers are late now. */
export const delays: AlertCases = {
  AtticSLOLatencyBreach: [
    {
      when: "eleven of a thousand cache hits take longer than 500 ms",
      series: {
        [timed(hit)]: counter(["40m", 1000]),
        [within(hit, "0.5")]: counter(["20m", 1000], ["20m", 989]),
      },
      fires: {
        "28m": [],
        "31m": [
          {
            labels: warning(slo("latency-cache-hit", "5m")),
            says: {
              summary: "1.1% of cache hits take longer than 500 ms",
              description:
                "For five minutes the 99th percentile of cache hits has been above 500 ms: 1.1% take longer.",
            },
          },
        ],
      },
    },
    {
      when: "fewer than one in a hundred does",
      series: { [timed(hit)]: counter(["1h", 1000]), [within(hit, "0.5")]: counter(["1h", 991]) },
      fires: { "59m": [] },
    },
    {
      when: "all do, and there are nine of them in five minutes",
      series: { [timed(hit)]: counter(["1h", 1.8]), [within(hit, "0.5")]: counter(["1h", 0]) },
      fires: { "59m": [] },
    },
  ],
  AtticHighLatencyCritical: [
    {
      when: "eleven of a thousand look-ups take longer than 2 s",
      series: {
        [timed(hit)]: counter(["40m", 500]),
        [within(hit, "2.0")]: counter(["20m", 500], ["20m", 489]),
        [timed(info)]: counter(["40m", 500]),
        [within(info, "2.0")]: counter(["40m", 500]),
      },
      fires: {
        "28m": [],
        "31m": [
          {
            labels: critical({ namespace }),
            says: {
              summary: "1.1% of look-ups take longer than 2 s",
              description:
                "For five minutes the 99th percentile of narinfos and cache infos has been above 2 s: 1.1% take longer. " +
                "Builds wait for each of them.",
            },
          },
        ],
      },
    },
    {
      when: "they do, and Prometheus 2 spells the bound its way",
      series: { [timed(hit)]: counter(["40m", 200]), [within(hit, "2")]: counter(["40m", 196]) },
      fires: { "39m": [{ labels: critical({ namespace }) }] },
    },
    {
      when: "fewer than one in a hundred does",
      series: { [timed(hit)]: counter(["1h", 1000]), [within(hit, "2.0")]: counter(["1h", 991]) },
      fires: { "59m": [] },
    },
    {
      when: "all do, and there are nine of them in five minutes",
      series: { [timed(hit)]: counter(["1h", 1.8]), [within(hit, "2.0")]: counter(["1h", 0]) },
      fires: { "59m": [] },
    },
    {
      when: "downloads of NARs do, as they may",
      series: {
        [timed({ route: "nar" })]: counter(["1h", 100]),
        [within({ route: "nar" }, "2.0")]: counter(["1h", 0]),
        [timed(hit)]: counter(["1h", 100]),
        [within(hit, "2.0")]: counter(["1h", 100]),
      },
      fires: { "59m": [] },
    },
  ],
};

const pods = one("kube_deployment_status_replicas_available", kubernetes({ deployment: "attic" }));

const buckets = (...bounds: string[]) =>
  Object.fromEntries([...bounds, "+Inf"].map((le) => [within(hit, le), counter(["1h", 10])]));

const reloaded = one("traefik_config_last_reload_success", scraped);

/** Requests that Traefik took, whether it had a route for them or not. */
const asked = (labels: Labels = {}) =>
  one("traefik_entrypoint_requests_total", {
    ...scraped,
    entrypoint: "websecure",
    code: "200",
    method: "GET",
    protocol: "http",
    ...labels,
  });

/** Whether the objectives can be computed. */
export const blindness: AlertCases = {
  AtticRouterMetricsAbsent: [
    {
      when: "Traefik is not scraped any more",
      series: { [good]: "0+10x9 stale", [pods]: gauge(["1h", 3]) },
      fires: {
        "24m": [],
        "25m": [
          {
            labels: warning({ namespace }),
            says: {
              summary: "Prometheus has no metrics of the cache's routes",
              description:
                "Traefik's metrics of the cache's routes have been absent for 15 minutes although the cache runs: " +
                "Traefik is down, has lost the routes, or is not measured. No objective is computed, and no alert on " +
                "availability or latency can fire.",
            },
          },
        ],
      },
    },
    {
      when: "it is scraped by its Service, which renames the label that tells the routes apart",
      series: {
        [count({
          route: "narinfo",
          more: { service: "traefik", exported_service: "nix-cache-attic-narinfo@kubernetescrd" },
        })]: counter(["1h", 10]),
        [pods]: gauge(["1h", 3]),
        [reloaded]: gauge(["1h", 1]),
        [asked()]: counter(["1h", 10]),
      },
      fires: { "15m": [], "17m": [{ labels: warning({ namespace }) }] },
    },
    {
      when: "it has no route of the cache any more, and answers 404 to whoever asks",
      series: {
        [good]: "0+10x9 stale",
        [asked()]: "0+10x9 stale",
        [asked({ code: "404" })]: counter(["10m", undefined], ["1h", 10]),
        [reloaded]: gauge(["70m", 1]),
        [pods]: gauge(["70m", 3]),
      },
      fires: { "24m": [], "27m": [{ labels: warning({ namespace }) }] },
    },
    {
      when: "its pods were replaced, and nobody has asked since",
      series: {
        [good]: "0+10x9 stale",
        [asked()]: "0+10x9 stale",
        [reloaded]: "1x9 stale",
        [one("traefik_config_last_reload_success", { ...scraped, pod: "traefik-7c5d9f6b8-abcde" })]: gauge(
          ["10m", undefined],
          ["50m", 1],
        ),
        [pods]: gauge(["1h", 3]),
      },
      fires: { "24m": [], "25m": [], "26m": [], "59m": [] },
    },
    {
      when: "its pods were replaced, and nobody has asked but at another entry point",
      series: {
        [asked({ entrypoint: "web" })]: counter(["1h", 10]),
        [reloaded]: gauge(["1h", 1]),
        [pods]: gauge(["1h", 3]),
      },
      fires: { "59m": [] },
    },
    {
      when: "it is not, and there is no pod that it could have routed to",
      series: { [pods]: gauge(["1h", 0]) },
      fires: { "59m": [] },
    },
    {
      when: "nobody asks, and it is scraped",
      series: { [good]: gauge(["1h", 5]), [pods]: gauge(["1h", 3]) },
      fires: { "59m": [] },
    },
  ],
  AtticLatencyBucketsAbsent: [
    {
      when: "Traefik has the bounds that it has by default",
      series: { [good]: counter(["1h", 10]), ...buckets("0.1", "0.3", "1.2", "5.0") },
      fires: {
        "14m": [],
        "16m": [
          {
            labels: warning({ namespace }),
            says: {
              summary: "Traefik's histogram lacks bounds that the latency objectives need",
              description:
                "Traefik's histogram has only 0 of the bounds 0.2, 0.5, 1, 2, 30 s. Objectives on the others are not " +
                "computed, and their alerts cannot fire.",
            },
          },
        ],
      },
    },
    {
      when: "it lacks one of them",
      series: { [good]: counter(["1h", 10]), ...buckets("0.2", "0.5", "1.0", "2.0") },
      fires: { "16m": [{ labels: warning({ namespace }) }] },
    },
    {
      when: "it has them all",
      series: {
        [good]: counter(["1h", 10]),
        ...buckets("0.1", "0.2", "0.3", "0.5", "1.0", "1.2", "2.0", "5.0", "30.0"),
      },
      fires: { "59m": [] },
    },
    {
      when: "it has them all, and Prometheus 2 spells them its way",
      series: {
        [good]: counter(["1h", 10]),
        ...buckets("0.1", "0.2", "0.3", "0.5", "1", "1.2", "2", "5", "30"),
      },
      fires: { "59m": [] },
    },
    { when: "nobody has asked yet", series: {}, fires: { "59m": [] } },
  ],
};
