import type { RouteId } from "../../../../components/ingress/routes.ts";
import { type AlertCases, type Case, counter, counterEvery, type Labels, namespace } from "./case.ts";
import { critical, warning } from "./scraped.ts";
import { count, timed, within } from "./traffic.ts";

const slo = (name: string, urgency: "page" | "ticket"): Labels => ({
  namespace,
  sloth_id: `nix-cache-attic-${name}`,
  sloth_service: "nix-cache-attic",
  sloth_slo: name,
  sloth_severity: urgency,
});

const good = count({ route: "narinfo" });
const bad = count({ route: "narinfo", code: "500" });
const page = [{ labels: critical(slo("availability", "page")) }];
const ticket = [{ labels: warning(slo("availability", "ticket")) }];

/** How fast requests that fail may use up the error budget: 0.1 % of 30 days. There are 600 a minute. */
export const failures: AlertCases = {
  AtticErrorBudgetBurnFast: [
    {
      when: "a fifth of the requests fail all of a sudden",
      series: {
        [good]: counter(["6h", 600], ["20m", 480]),
        [bad]: counter(["6h", 0], ["20m", 120]),
      },
      fires: {
        "364m": [],
        "365m": [
          {
            labels: critical(slo("availability", "page")),
            says: {
              summary: "20% of requests fail with a server error",
              description:
                "20% of requests fail with a server error. At this rate the error budget of 30 days, 0.1 % of requests, " +
                "lasts for 5 days at most.",
            },
          },
        ],
      },
    },
    {
      when: "every request fails all of a sudden",
      series: { [good]: counter(["121m", 600], ["20m", 0]), [bad]: counter(["121m", 0], ["20m", 600]) },
      fires: { "121m": [], "122m": page },
    },
    {
      when: "a little more than 14.4 times as many fail as may, for an hour",
      series: { [good]: counter(["2h", 591]), [bad]: counter(["2h", 9]) },
      fires: { "119m": page },
    },
    {
      when: "a little fewer do, for an hour after a day",
      every: "4m",
      series: {
        [good]: counterEvery("4m", ["1d", 600], ["1h", 592]),
        [bad]: counterEvery("4m", ["1d", 0], ["1h", 8]),
      },
      fires: { "1468m": [], "1496m": [] },
    },
    {
      when: "a little more than 6 times as many fail as may, for six hours",
      series: { [good]: counter(["7h", 596]), [bad]: counter(["7h", 3.8]) },
      fires: { "419m": page },
    },
    {
      when: "a little fewer do",
      series: { [good]: counter(["7h", 596]), [bad]: counter(["7h", 3.5]) },
      fires: { "419m": [] },
    },
    {
      when: "a little more than 14.4 times as many fail as may, in an hour with a tenth of the requests",
      series: {
        [good]: counter(["6h", 6000], ["70m", 590.5]),
        [bad]: counter(["6h", 0], ["70m", 9.5]),
      },
      fires: { "429m": page },
    },
    {
      when: "they do, and fewer in the last ten minutes",
      series: {
        [good]: counter(["6h", 6000], ["60m", 590.5], ["10m", 592]),
        [bad]: counter(["6h", 0], ["60m", 9.5], ["10m", 8]),
      },
      fires: { "419m": page, "429m": [] },
    },
    {
      when: "10 times as many fail as may for hours, and 5 times as many in the last 40 minutes",
      series: {
        [good]: counter(["7h", 594], ["40m", 597]),
        [bad]: counter(["7h", 6], ["40m", 3]),
      },
      fires: { "419m": page, "459m": [] },
    },
    {
      when: "5 times as many fail as may for hours, and 7 times as many in the last half hour",
      series: {
        [good]: counter(["6h", 597], ["30m", 595.8]),
        [bad]: counter(["6h", 3], ["30m", 4.2]),
      },
      fires: { "389m": [] },
    },
    {
      when: "an outage of ten minutes is over",
      series: {
        [good]: counter(["8h", 600], ["10m", 0], ["1h", 600]),
        [bad]: counter(["8h", 0], ["10m", 600], ["1h", 0]),
      },
      fires: { "479m": [], "487m": page, "495m": page, "521m": [] },
    },
    {
      when: "an outage is of one route only, and another brings the most requests",
      series: {
        [good]: counter(["2h", 600]),
        [count({ route: "upload" })]: counter(["1h", 12]),
        [count({ route: "upload", code: "500" })]: counter(["1h", 0], ["1h", 12]),
      },
      fires: { "59m": [], "119m": page },
    },
    {
      when: "every route fails by as much as each",
      series: Object.fromEntries(
        (["narinfo", "nar", "cacheInfo", "upload", "api"] as const).flatMap((route) => [
          [count({ route }), counter(["2h", 98])],
          [count({ route, code: "502" }), counter(["2h", 2])],
        ]),
      ),
      fires: { "119m": page },
    },
    {
      when: "half of the requests fail in a quiet hour, and there are nine of them",
      series: {
        [good]: counter(["1h", 0], ["1h", 0.15]),
        [bad]: counter(["1h", 0], ["1h", 0.15]),
      },
      fires: { "119m": [] },
    },
    {
      when: "half of the requests fail in a quiet hour, and there are eleven of them",
      series: {
        [good]: counter(["1h", 0], ["1h", 0.183]),
        [bad]: counter(["1h", 0], ["1h", 0.183]),
      },
      fires: { "119m": page },
    },
    {
      when: "Traefik restarts, and counts from 0 again",
      series: { [good]: "0+600x59 0+600x59", [bad]: "0+0.1x59 0+0.1x59" },
      fires: { "61m": [], "64m": [], "119m": [] },
    },
    {
      when: "one of two Traefik pods reaches no server",
      series: {
        [good]: counter(["2h", 300]),
        [count({ route: "narinfo", code: "502", more: { pod: "traefik-2", instance: "10.244.4.7:9100" } })]:
          counter(["1h", 0], ["1h", 300]),
      },
      fires: { "119m": page },
    },
    {
      when: "requests are answered as clients deserve it",
      series: Object.fromEntries(
        ["200", "206", "301", "401", "403", "404", "429", "499"].map((code) => [
          count({ route: "narinfo", code }),
          counter(["2h", 100]),
        ]),
      ),
      fires: { "119m": [] },
    },
    {
      when: "what no client of a cache asks for fails",
      series: {
        [count({ route: "other", code: "500" })]: counter(["2h", 600]),
        [good]: counter(["2h", 600]),
      },
      fires: { "119m": [] },
    },
    {
      when: "another stack fails",
      series: {
        [good]: counter(["2h", 600]),
        [count({ route: "narinfo", code: "500", more: { service: "other-attic-narinfo@kubernetescrd" } })]:
          counter(["2h", 600]),
      },
      fires: { "119m": [] },
    },
    {
      when: "nobody asks",
      series: { [good]: counter(["2h", 0]), [bad]: counter(["2h", 0]) },
      fires: { "119m": [] },
    },
  ],
  AtticErrorBudgetBurnSlow: [
    {
      when: "twice as many fail as may, for two days after a day of health",
      every: "4m",
      series: {
        [good]: counterEvery("4m", ["1d", 600], ["2d", 598.8]),
        [bad]: counterEvery("4m", ["1d", 0], ["2d", 1.2]),
      },
      fires: {
        "47h": [],
        "49h": [
          {
            labels: warning(slo("availability", "ticket")),
            says: {
              summary: "0.2% of requests fail with a server error",
              description:
                "0.2% of requests fail with a server error. At this rate the error budget of 30 days, 0.1 % of requests, " +
                "lasts for 30 days at most.",
            },
          },
        ],
      },
    },
    {
      when: "a little fewer fail than may, for three days",
      every: "4m",
      series: { [good]: counterEvery("4m", ["3d", 600]), [bad]: counterEvery("4m", ["3d", 0.57]) },
      fires: { "71h": [] },
    },
    {
      when: "a tenth more fail than may, for three days",
      every: "4m",
      series: { [good]: counterEvery("4m", ["3d", 600]), [bad]: counterEvery("4m", ["3d", 0.66]) },
      fires: { "71h": ticket },
    },
    {
      when: "a day with ten times as many as may is over, and a few go on failing",
      every: "4m",
      series: {
        [good]: counterEvery("4m", ["1d", 594], ["8h", 600]),
        [bad]: counterEvery("4m", ["1d", 6], ["8h", 0.54]),
      },
      fires: { "23h": ticket, "29h": ticket, "31h": [] },
    },
    {
      when: "a little more than 3 times as many fail as may, on a day with a tenth of the requests",
      every: "4m",
      series: {
        [good]: counterEvery("4m", ["1d", 6000], ["26h", 600]),
        [bad]: counterEvery("4m", ["1d", 0], ["26h", 2]),
      },
      fires: { "49h": ticket },
    },
    {
      when: "a little fewer do",
      every: "4m",
      series: {
        [good]: counterEvery("4m", ["1d", 6000], ["24h", 600], ["4h", 600]),
        [bad]: counterEvery("4m", ["1d", 0], ["24h", 2], ["4h", 1.6]),
      },
      fires: { "52h": [] },
    },
    {
      when: "half of the requests of three days fail, and there are nine of them",
      every: "4m",
      series: { [good]: counterEvery("4m", ["3d", 0.002]), [bad]: counterEvery("4m", ["3d", 0.002]) },
      fires: { "71h": [] },
    },
  ],
};

/** One objective on latency. */
interface Latency {
  name: string;
  route: RouteId;
  code: string;
  /** The bound that requests should keep. */
  le: string;
  complaint: string;
}

const latencies: readonly Latency[] = [
  {
    ...{ name: "latency-cache-hit", route: "narinfo", code: "200", le: "0.5" },
    complaint: "cache hits take longer than 500 ms",
  },
  {
    ...{ name: "latency-cache-miss", route: "narinfo", code: "404", le: "1.0" },
    complaint: "cache misses take longer than 1 s",
  },
  {
    ...{ name: "latency-cache-info", route: "cacheInfo", code: "200", le: "0.2" },
    complaint: "cache infos take longer than 200 ms",
  },
  {
    ...{ name: "latency-upload", route: "upload", code: "200", le: "30.0" },
    complaint: "uploads take longer than 30 s",
  },
];

/** 100 requests a minute, of which so many are slow. */
function slow({ route, code, le }: Latency, span: "2h" | "7h", perMinute: number): Case["series"] {
  return {
    [timed({ route, code })]: counter([span, 100]),
    [within({ route, code }, le)]: counter([span, 100 - perMinute]),
    [within({ route, code }, "+Inf")]: counter([span, 100]),
  };
}

const told = (share: string, { complaint }: Latency, days: number) => ({
  summary: `${share} of ${complaint}`,
  description:
    `${share} of ${complaint}. At this rate the error budget of 30 days, 1 % of requests, lasts for ${days} days at ` +
    "most.",
});

/** How fast requests that are slow may use it up: 1 % of 30 days. */
export const slowness: AlertCases = {
  AtticLatencyBudgetBurnFast: latencies.flatMap((objective): Case[] => [
    {
      when: `15 of a hundred ${objective.complaint}`,
      series: slow(objective, "2h", 15),
      fires: {
        "119m": [{ labels: warning(slo(objective.name, "page")), says: told("15%", objective, 5) }],
      },
    },
    {
      when: `5 of a hundred ${objective.complaint}`,
      series: slow(objective, "7h", 5),
      fires: { "419m": [] },
    },
    {
      when: `all ${objective.complaint}, answered with an error, which another objective is about`,
      series: slow({ ...objective, code: "500" }, "2h", 100),
      fires: { "119m": [] },
    },
    {
      when: `all ${objective.complaint}, and there are nine of them in an hour`,
      series: {
        [timed(objective)]: counter(["1h", 0], ["1h", 0.15]),
        [within(objective, objective.le)]: counter(["2h", 0]),
      },
      fires: { "119m": [] },
    },
    {
      when: `the histogram lacks the bound: ${objective.complaint}`,
      series: {
        [timed(objective)]: counter(["2h", 100]),
        [within(objective, "0.3")]: counter(["2h", 0]),
        [within(objective, "+Inf")]: counter(["2h", 100]),
      },
      fires: { "119m": [] },
    },
  ]),
  AtticLatencyBudgetBurnSlow: latencies.flatMap((objective): Case[] => [
    {
      when: `4 of a hundred ${objective.complaint}`,
      series: slow(objective, "7h", 4),
      fires: {
        "419m": [{ labels: warning(slo(objective.name, "ticket")), says: told("4%", objective, 30) }],
      },
    },
    {
      when: `fewer than one in a hundred ${objective.complaint}`,
      series: slow(objective, "7h", 0.95),
      fires: { "419m": [] },
    },
  ]),
};
