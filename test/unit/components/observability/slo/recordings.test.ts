import { describe, expect, test } from "vitest";
import type { RecordingRule } from "../../../../../components/observability/rule.ts";
import {
  type Objective,
  objective,
  objectives,
} from "../../../../../components/observability/slo/objectives.ts";
import {
  badRequests,
  recordings,
  windowsOf,
} from "../../../../../components/observability/slo/recordings.ts";
import { requests } from "../../../../../components/observability/slo/requests.ts";
import { metricNames, parse } from "../../../../support/promql.ts";

const namespace = "nix-cache";
const rulesOf = (objective: Objective) =>
  recordings(namespace, objective).flatMap(({ rules }) => rules as RecordingRule[]);
const rule = (objective: Objective, record: string) =>
  rulesOf(objective).find((each) => each.record === record) as RecordingRule;

const availability = objective("availability");
const week = objective("availability-7d");
const hit = objective("latency-cache-hit");

describe("an objective's records", () => {
  test("have the names of the convention", () => {
    expect(recordings(namespace, availability).map(({ name }) => name)).toEqual([
      "sloth-slo-sli-recordings-nix-cache-attic-availability",
      "sloth-slo-meta-recordings-nix-cache-attic-availability",
    ]);
    expect(rulesOf(availability).map(({ record }) => record)).toEqual([
      "attic:slo_requests:rate5m",
      "attic:slo_bad_requests:rate5m",
      "slo:sli_error:ratio_rate5m",
      "slo:sli_error:ratio_rate30m",
      "slo:sli_error:ratio_rate1h",
      "slo:sli_error:ratio_rate2h",
      "slo:sli_error:ratio_rate6h",
      "slo:sli_error:ratio_rate1d",
      "slo:sli_error:ratio_rate3d",
      "slo:sli_error:ratio_rate30d",
      "slo:objective:ratio",
      "slo:error_budget:ratio",
      "slo:time_period:days",
      "slo:current_burn_rate:ratio",
      "slo:period_burn_rate:ratio",
      "slo:period_error_budget_remaining:ratio",
      "sloth_slo_info",
    ]);
  });

  test.each<Objective>([...objectives])(
    "of $slo have its labels, and those of a window the window",
    (objective) => {
      const id = `nix-cache-attic-${objective.slo}`;
      for (const { record, labels } of rulesOf(objective)) {
        expect(labels, record).toMatchObject({
          sloth_id: id,
          sloth_service: "nix-cache-attic",
          sloth_slo: objective.slo,
        });
        expect(labels?.sloth_window, record).toBe(record.split("ratio_rate")[1]);
      }
    },
  );

  test.each<Objective>([...objectives])("of $slo are PromQL, of series that are there", (objective) => {
    const before = new Set<string>();
    for (const { record, expr } of rulesOf(objective)) {
      parse(expr);
      for (const name of metricNames(expr)) {
        // A group's rules are evaluated one after another, so a record may use those above it.
        if (!name.startsWith("traefik_router_request")) expect([...before], record).toContain(name);
      }
      before.add(record);
    }
  });

  test.each<Objective>([...objectives])("of $slo use no series of another objective", (objective) => {
    const ids = rulesOf(objective).flatMap(({ expr }) => [...expr.matchAll(/sloth_id="([^"]*)"/g)]);
    expect(ids.length).toBeGreaterThan(0);
    for (const [, id] of ids) expect(id).toBe(`nix-cache-attic-${objective.slo}`);
  });

  test("without alerts have no windows but the shortest and the period", () => {
    expect(windowsOf(week)).toEqual(["5m", "7d"]);
    expect(windowsOf(objective("availability-1d"))).toEqual(["5m", "1d"]);
  });

  test.each([
    [availability, "vector(0.999)", "vector(0.001)", "vector(30)", "99.9"],
    [week, "vector(0.999)", "vector(0.001)", "vector(7)", "99.9"],
    [objective("availability-1d"), "vector(0.995)", "vector(0.005)", "vector(1)", "99.5"],
    [hit, "vector(0.99)", "vector(0.01)", "vector(30)", "99"],
  ])("of $slo have exact figures", (objective, share, budget, days, percent) => {
    expect(rule(objective, "slo:objective:ratio").expr).toBe(share);
    expect(rule(objective, "slo:error_budget:ratio").expr).toBe(budget);
    expect(rule(objective, "slo:time_period:days").expr).toBe(days);
    expect(rule(objective, "sloth_slo_info").labels).toMatchObject({ sloth_objective: percent });
  });

  test("of its period tell how much of the budget is left", () => {
    expect(rule(week, "slo:period_burn_rate:ratio").expr).toBe(
      'slo:sli_error:ratio_rate7d{sloth_id="nix-cache-attic-availability-7d"}' +
        " / on (sloth_id, sloth_slo, sloth_service) group_left () " +
        'slo:error_budget:ratio{sloth_id="nix-cache-attic-availability-7d"}',
    );
    expect(rule(week, "slo:period_error_budget_remaining:ratio").expr).toBe(
      '1 - slo:period_burn_rate:ratio{sloth_id="nix-cache-attic-availability-7d"}',
    );
  });
});

describe("the share of bad requests", () => {
  const all: [string, Objective][] = objectives.map((each) => [each.slo, each]);

  test.each(all)("is not computed for %s where nobody asked, in no window", (_, objective) => {
    const ratios = rulesOf(objective).filter(({ record }) => record.startsWith("slo:sli_error:ratio_rate"));
    for (const { record, expr } of ratios) expect(expr, record).toMatch(/ \/ \(.* > 0\)$/);
  });

  test("within hours comes from Traefik's series", () => {
    expect(metricNames(rule(hit, "slo:sli_error:ratio_rate6h").expr)).toEqual([
      "traefik_router_request_duration_seconds_count",
      "traefik_router_request_duration_seconds_bucket",
    ]);
  });

  test("within days weighs requests, not minutes", () => {
    expect(rule(availability, "slo:sli_error:ratio_rate30d").expr).toBe(
      'sum_over_time(attic:slo_bad_requests:rate5m{sloth_id="nix-cache-attic-availability"}[30d])' +
        ' / (sum_over_time(attic:slo_requests:rate5m{sloth_id="nix-cache-attic-availability"}[30d]) > 0)',
    );
  });
});

test("the number of bad requests is that of five minutes, of hours by Traefik's series, or of five minutes after another", () => {
  const of = 'attic:slo_bad_requests:rate5m{sloth_id="nix-cache-attic-availability"}';
  expect(badRequests(namespace, availability, "5m")).toBe(`${of} * 300`);
  expect(badRequests(namespace, availability, "6h")).toBe(
    `${requests(namespace, availability.indicator, "6h").bad} * 21600`,
  );
  expect(badRequests(namespace, availability, "1d")).toBe(`sum_over_time(${of}[1d:5m]) * 300`);
  expect(badRequests(namespace, availability, "30d")).toBe(`sum_over_time(${of}[30d:5m]) * 300`);
});
