import { describe, expect, test } from "vitest";
import { alertsComplete } from "../../../../policies/alerts/complete.ts";
import { runbooksExist } from "../../../../policies/alerts/runbooks.ts";
import { UNKNOWN } from "../../../../policies/framework/unknown.ts";
import { change } from "../fixtures.ts";
import { fields, judge, kubernetes, only } from "../support.ts";

const url = (page: string) => `https://github.com/example/attic-pulumi/blob/main/docs/runbooks/${page}.md`;

const rule = (changes: Record<string, unknown> = {}) =>
  change(
    kubernetes({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      spec: {
        groups: [
          {
            name: "attic",
            rules: [
              { record: "attic:up", expr: "up" },
              {
                alert: "AtticApiDown",
                expr: "up == 0",
                labels: { severity: "critical" },
                annotations: {
                  summary: "Down",
                  description: "Clients get 503.",
                  runbook_url: url("AtticApiDown"),
                },
              },
            ],
          },
        ],
      },
    }),
    changes,
  );

const ALERT = "spec.groups.0.rules.1";
const FIELD = "spec.groups[0].rules[1]";
const exist = runbooksExist(new Set(["AtticApiDown", "Other"]));

test.each([alertsComplete, exist])("$name has nothing against an alert without mistakes", (policy) => {
  expect(judge(policy, rule())).toEqual({ findings: [], open: [], unusedExceptions: [] });
});

describe("an alert", () => {
  test.each([
    ["without a severity", { [`${ALERT}.labels`]: undefined }, [`${FIELD}.labels.severity`]],
    ["that nobody is told of", { [`${ALERT}.labels.severity`]: "urgent" }, [`${FIELD}.labels.severity`]],
    [
      "without annotations",
      { [`${ALERT}.annotations`]: undefined },
      ["description", "runbook_url", "summary"].map((at) => `${FIELD}.annotations.${at}`),
    ],
    ["with an empty summary", { [`${ALERT}.annotations.summary`]: " " }, [`${FIELD}.annotations.summary`]],
  ])("%s is found", (_, changes, found) => {
    expect(fields(judge(alertsComplete, rule(changes)))).toEqual(found);
  });

  test("has the severities that the stack routes", () => {
    expect(judge(alertsComplete, rule(), { severities: ["page"] }).findings).toHaveLength(1);
  });

  test("that is not known yet is left open", () => {
    const { findings, open } = judge(alertsComplete, rule({ [`${ALERT}.annotations`]: UNKNOWN }));
    expect([findings.length, open.length]).toEqual([0, 1]);
  });
});

describe("a runbook", () => {
  test.each([
    [
      "that nobody wrote",
      { [`${ALERT}.alert`]: "AtticNew", [`${ALERT}.annotations.runbook_url`]: url("AtticNew") },
    ],
    ["of another alert", { [`${ALERT}.annotations.runbook_url`]: url("Other") }],
    ["somewhere else", { [`${ALERT}.annotations.runbook_url`]: "https://wiki.example.com/AtticApiDown" }],
  ])("%s is found", (_, changes) => {
    expect(only(judge(exist, rule(changes))).field).toBe(`${FIELD}.annotations.runbook_url`);
  });

  test("that is not named at all is told elsewhere", () => {
    expect(judge(exist, rule({ [`${ALERT}.annotations.runbook_url`]: undefined })).findings).toEqual([]);
  });

  test("may be named down to a paragraph", () => {
    const paragraph = { [`${ALERT}.annotations.runbook_url`]: `${url("AtticApiDown")}#what-to-do` };
    expect(judge(exist, rule(paragraph)).findings).toEqual([]);
  });
});
