import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { metric } from "../../../../../components/observability/metrics/index.ts";
import type { Alert, RecordingRule } from "../../../../../components/observability/rule.ts";
import { type BurnRate, burnRates, factor } from "../../../../../components/observability/slo/burn-rates.ts";
import { sloGroups } from "../../../../../components/observability/slo/index.ts";
import { budget, objective, objectives } from "../../../../../components/observability/slo/objectives.ts";
import { windowsOf } from "../../../../../components/observability/slo/recordings.ts";
import { seconds, type Window } from "../../../../../components/observability/slo/window.ts";
import { metricNames, parse } from "../../../../support/promql.ts";
import { stackConfig } from "../../../../support/settings.ts";

const config = stackConfig();
const rules = sloGroups(config).flatMap(({ rules }) => rules as (RecordingRule & Alert)[]);
const alerts = [...new Set(rules.flatMap(({ alert }) => alert ?? []))];
const recorded = rules.flatMap(({ record }) => record ?? []);

const page = readFileSync("docs/slo.md", "utf8");
const pages = ["docs/slo.md", ...alerts.map((alert) => `docs/runbooks/${alert}.md`)];

describe("the page on the objectives", () => {
  test.each(objectives)("has $slo with its figures", (objective) => {
    const { slo, percent, period } = objective;
    const row = page.split("\n").find((line) => line.startsWith(`| \`${slo}\` |`));
    expect(row).toContain(`| ${percent} %`);
    expect(row).toContain(`| ${period.replace("d", period === "1d" ? " day" : " days")} |`);
    expect(row).toContain(`| ${Number((budget(objective) * 100).toFixed(3))} %`);
  });

  test.each(alerts)("leads to the runbook of %s", (alert) => {
    expect(page).toContain(`(runbooks/${alert}.md)`);
  });

  test("has the default of the guard against few requests", () => {
    expect(page).toContain(`waits for ${config.observability.slo.minimumBadRequests} bad requests`);
  });
});

describe("how soon a page is sent, as the page says", () => {
  const availability = objective("availability");
  /** Seconds of failures until the long window of a rate is above its threshold, when a share of all requests fails. */
  const until = (long: Window, share: number) => {
    const rate = burnRates.find((each) => each.urgency === "page" && each.long === long) as BurnRate;
    return (factor(rate, availability.period) * budget(availability) * seconds(long)) / share;
  };
  const row = (begin: string) => page.split("\n").find((line) => line.startsWith(`| ${begin}`));

  test("follows from the rules", () => {
    expect(row("every request, at once")).toContain(`| ${until("1h", 1).toFixed(0)} s |`);
    expect(row("every request, after 30 s")).toContain(`| ${(until("1h", 1) + 30).toFixed(0)} s |`);
    expect(row("a tenth of the requests")).toContain(`| ${(until("1h", 0.1) / 60).toFixed(1)} minutes |`);
    expect(row("a smaller share than 1.44 %")).toContain(
      `| ${until("6h", 1).toFixed(0)} s divided by the share`,
    );
  });
});

const texts = pages.map((path) => [path, readFileSync(path, "utf8")] as const);
const queries = texts.flatMap(([path, text]) =>
  [...text.matchAll(/```promql\n([\s\S]*?)```/g)].map(([, query = ""]) => [path, query.trim()] as const),
);

test.each(queries)("%s asks Prometheus for what there is: %s", (_, query) => {
  parse(query);
  for (const name of metricNames(query)) {
    expect(metric(name) !== undefined || recorded.includes(name), name).toBe(true);
  }
  for (const [, slo] of query.matchAll(/sloth_slo="([^"]*)"/g)) {
    expect(objectives.map(({ slo }) => slo)).toContain(slo);
  }
  for (const [, window] of query.matchAll(/ratio_rate(\w+)\{/g)) {
    expect(windowsOf(objectives[0])).toContain(window);
  }
});

describe.each(texts)("%s", (path, text) => {
  const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#([\w-]+))?\)/g)]
    .map(([, file = "", heading]) => ({ file, heading }))
    .filter(({ file }) => !file.startsWith("http"));

  test.each(targets)("leads to $file $heading", ({ file, heading }) => {
    const target = join(dirname(path), file);
    expect(existsSync(target), target).toBe(true);
    if (!heading) return;
    const headings = [...readFileSync(target, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(headings).toContain(heading);
  });
});
