import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ruleObjects } from "../../../../../components/observability/rule-objects.ts";
import { alertsIn, alertsOf, stacks } from "./settings.ts";

const folder = "docs/runbooks";
const runbooks = readdirSync(folder).map((file) => file.replace(/\.md$/, ""));
const read = (path: string) => readFileSync(path, "utf8");

const every = Object.values(stacks).flatMap((config) => alertsIn(Object.values(ruleObjects(config)).flat()));
const all = new Set(every.map(({ alert }) => alert));
/** Those that no objective covers. */
const ours = new Set(Object.values(stacks).flatMap((config) => alertsOf(config).map(({ alert }) => alert)));

/** The anchors that a page's headings get. */
const anchors = (page: string) =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

/** Links of a page to other files of the project that lead nowhere. */
const broken = (page: string) =>
  [
    ...read(page)
      .replaceAll(/\s+/g, " ")
      .matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g),
  ]
    .filter(([, path, anchor]) => {
      const target = path ? join(dirname(page), path) : page;
      return !existsSync(target) || (anchor && !anchors(target).includes(anchor));
    })
    .map(([link]) => link);

describe("the runbooks", () => {
  test("are one for each alert, objectives' included", () => {
    expect([...all].filter((alert) => !runbooks.includes(alert))).toEqual([]);
  });

  test("are of alerts that some stack has", () => {
    expect(runbooks.filter((runbook) => !all.has(runbook))).toEqual([]);
  });

  test.each([...ours])("%s says what users see, then where to look, then what to do", (alert) => {
    const page = read(join(folder, `${alert}.md`));
    expect(page.startsWith(`# ${alert}\n\n**Users see** `)).toBe(true);
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(["Look", "Do"]);
    expect(page.slice(page.indexOf("## Look"), page.indexOf("## Do"))).toMatch(/```sh\n/);
  });

  test.each(runbooks)("%s links to what there is", (runbook) => {
    expect(broken(join(folder, `${runbook}.md`))).toEqual([]);
  });
});

describe("the page on alerts", () => {
  const page = read("docs/alerts.md");
  const rows = page.split("\n").filter((line) => line.startsWith("| [Attic"));

  test("has each with its severity, its runbook and nothing else", () => {
    const listed = rows.map((row) => {
      const [, name, path, severity] = row.match(/^\| \[(\w+)\]\(([^)]*)\) \|.* \| (\w+) \|$/) ?? [];
      return { name, path, severity };
    });
    const severities = new Map(
      Object.values(stacks).flatMap((config) =>
        alertsOf(config).map(({ alert, severity }) => [alert, severity] as const),
      ),
    );
    const expected = [...severities].map(([name, severity]) => ({
      name,
      path: `runbooks/${name}.md`,
      severity,
    }));
    expect(listed.toSorted((a, b) => (a.name ?? "").localeCompare(b.name ?? ""))).toEqual(
      expected.toSorted((a, b) => a.name.localeCompare(b.name)),
    );
  });

  test("names how long a condition must hold", () => {
    const minutes = (text: string) => text.replace(/(\d+)m$/, "$1 min").replace(/(\d+)h$/, "$1 h");
    const lasting = [
      "AtticApiDown",
      "AtticPodsNotReady",
      "AtticAutoscalerAtMaximum",
      "AtticDisruptionBudgetBlocking",
      "AtticPostgresDown",
      "AtticPostgresInstancesMissing",
      "AtticPostgresNoReplica",
      "AtticPostgresReplicationLag",
      "AtticPostgresConnectionsHigh",
      "AtticWalArchivingFailing",
      "AtticWalArchivingBehind",
      "AtticBackupMissing",
      "AtticCertificateNotReady",
      "AtticMetricsAbsent",
      "AtticIngressDown",
      "AtticDatabaseOperatorDown",
    ];
    const found = Object.values(stacks).flatMap((config) => alertsOf(config));
    for (const name of lasting) {
      const alert = found.find((one) => one.alert === name);
      const row = rows.find((line) => line.includes(`[${name}]`));
      expect(row, name).toContain(` ${minutes(alert?.for ?? "")}`);
    }
  });

  test("links to what there is", () => {
    expect(broken("docs/alerts.md")).toEqual([]);
  });
});
