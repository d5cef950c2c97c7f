import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { metric } from "../../../../../components/observability/metrics/index.ts";
import type { Alert } from "../../../../../components/observability/rule.ts";
import { releases } from "../../../../../components/operators/releases.ts";
import type { StackConfig } from "../../../../../config/resolve.ts";
import { labelMatchers, metricNames, parse, passedThrough, selectors } from "../../../../support/promql.ts";
import { stackConfig } from "../../../../support/settings.ts";
import { databaseConfig } from "../../postgres/settings.ts";
import { alertsOf, everyToken, stacks } from "./settings.ts";

const cron = fc.constantFrom("0 0 * * *", "0 0,12 * * *", "30 3 * * 0", "*/15 * * * *", "0 4 1 * *");

/** Any stack, as far as alerts depend on it. */
const anyStack: fc.Arbitrary<StackConfig> = fc
  .record({
    own: fc.boolean(),
    instances: fc.integer({ min: 1, max: 9 }),
    backups: fc.boolean(),
    retention: fc.tuple(fc.integer({ min: 1, max: 400 }), fc.constantFrom("d", "w", "m")),
    schedule: cron,
    runAs: fc.constantFrom("deployment" as const, "cronJob" as const),
    minReplicas: fc.integer({ min: 1, max: 5 }),
    more: fc.integer({ min: 0, max: 5 }),
    ingress: fc.boolean(),
    tokens: fc.subarray(Object.keys(everyToken) as (keyof typeof everyToken)[]),
    namespace: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/),
  })
  .map(
    ({
      own,
      instances,
      backups,
      retention,
      schedule,
      runAs,
      minReplicas,
      more,
      ingress,
      tokens,
      namespace,
    }) => {
      const settings = {
        namespace,
        ingress: { enabled: ingress },
        garbageCollection: { runAs, schedule },
        api: { scaling: { minReplicas, maxReplicas: minReplicas + more } },
        tokens: Object.fromEntries(tokens.map((kind) => [kind, everyToken[kind]])),
      };
      return own
        ? databaseConfig(
            {
              instances,
              backup: { enabled: backups, retention: retention.join(""), schedule: `0 ${schedule}` },
            },
            settings,
          )
        : stackConfig(settings);
    },
  );

/** Holds for every alert of the stacks above, and of any other. */
function ofEveryAlert(holds: (alert: Alert, config: StackConfig) => void): void {
  for (const config of Object.values(stacks)) for (const alert of alertsOf(config)) holds(alert, config);
  fc.assert(
    fc.property(anyStack, (config) => {
      for (const alert of alertsOf(config)) holds(alert, config);
    }),
    { numRuns: 50 },
  );
}

describe("every alert", () => {
  test("asks in PromQL", () => {
    ofEveryAlert(({ alert, expr }) => expect(() => parse(expr), alert).not.toThrow());
  });

  test("asks for metrics that an exporter has, by labels that they have", () => {
    ofEveryAlert(({ alert, expr }) => {
      for (const name of metricNames(expr)) {
        const found = metric(name);
        expect(found, `${name} in ${alert}`).toBeDefined();
        const labels = [...(found?.metric.labels ?? []), ...(found?.exporter.scraped ?? [])];
        for (const matcher of labelMatchers(expr).filter((one) => one.metric === name)) {
          expect(labels, `${name} in ${alert}`).toContain(matcher.label);
        }
      }
    });
  });

  // Such alerts would name the exporter's pod, and end when it is replaced. A database's exporter is what it tells of.
  test("has no label of an exporter that tells of others", () => {
    const ofOthers = [
      "kube-state-metrics",
      "the kubelet",
      "cAdvisor in the kubelet",
      "cert-manager",
      "Traefik",
    ];
    ofEveryAlert(({ expr, alert }) => {
      const telling = passedThrough(expr).map((name) => metric(name)?.exporter.name ?? "");
      expect(
        telling.filter((name) => ofOthers.includes(name)),
        alert,
      ).toEqual([]);
    });
  });

  test("looks at the stack's namespace, or at an operator's that it installs, with every one of its selectors", () => {
    ofEveryAlert(({ alert, expr }, config) => {
      const namespaces = [config.namespace, ...releases(config).map((release) => release.namespace)];
      const all = selectors(expr);
      expect(all.length, alert).toBeGreaterThan(0);
      for (const { metric: name, matchers } of all) {
        const own = matchers.filter(
          ({ label, op, value }) =>
            /^(exported_)?namespace$/.test(label) && op === "=" && namespaces.includes(value),
        );
        expect(own, `${name} in ${alert}`).toHaveLength(1);
      }
    });
  });

  test("tells a value, or what it misses", () => {
    ofEveryAlert(({ alert, expr, description, labels }) => {
      if (expr.startsWith("absent(")) expect(description, alert).toContain(labels?.exporter);
      else expect(description, alert).toMatch(/\{\{ \$(value|labels\.\w+)/);
    });
  });

  test("has a summary of one line, and a description of whole sentences", () => {
    ofEveryAlert(({ alert, summary, description }) => {
      expect(summary, alert).not.toMatch(/\n|\.$/);
      expect(summary.length, alert).toBeLessThan(100);
      expect(description, alert).toMatch(/^[A-Z{"].*\.$/);
      expect(`${summary}${description}`, alert).not.toMatch(/undefined|\[object|NaN|Infinity/);
    });
  });

  test("is named after the stack", () => {
    ofEveryAlert(({ alert }) => expect(alert).toMatch(/^Attic([A-Z][a-z]+)+$/));
  });
});

describe("the groups", () => {
  test("say each alert once: two of one name differ in their labels", () => {
    for (const config of Object.values(stacks)) {
      const all = alertsOf(config).map(({ alert, labels }) => JSON.stringify([alert, labels]));
      expect(all).toHaveLength(new Set(all).size);
    }
  });
});
