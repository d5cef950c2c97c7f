import { describe, expect, test } from "vitest";
import { ruleObjects } from "../../../../components/observability/rule-objects.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { recordProgram } from "../../../support/record.ts";
import { stackConfig } from "../../../support/settings.ts";

/** What the program makes for Prometheus, by kind and name. */
async function made(settings: Partial<Settings> = {}): Promise<string[]> {
  const { resources } = await recordProgram(settings);
  return resources
    .filter(({ type }) => /:(PrometheusRule|PodMonitor|ServiceMonitor)$/.test(type))
    .map(({ type, name }) => `${type.split(":").pop()} ${name}`)
    .sort();
}

const traefik = { operators: { traefik: { install: true } } };

describe("the stack's rules", () => {
  test("are one object for the objectives and one for the other alerts", async () => {
    expect(await made()).toEqual(["PrometheusRule attic-alerts", "PrometheusRule attic-slo"]);
  });

  test("have no objectives without an ingress", async () => {
    expect(await made({ ingress: { enabled: false } })).toEqual(["PrometheusRule attic-alerts"]);
  });

  test("are not made where the stack says so", async () => {
    expect(await made({ observability: { rules: { enabled: false } } })).toEqual([]);
  });

  test("have groups with names of their own, in all objects together", () => {
    const groups = Object.values(ruleObjects(stackConfig())).flat();
    const names = groups.map(({ name }) => name);
    expect(names).toHaveLength(new Set(names).size);
    for (const { name, rules } of groups) expect(rules.length, name).toBeGreaterThan(0);
  });
});

describe("the dashboards", () => {
  const names = async (settings: Partial<Settings> = {}) =>
    (await recordProgram(settings)).resources
      .filter(({ type, name }) => type.endsWith(":ConfigMap") && name.includes("dashboard"))
      .map(({ name }) => name);

  test("are ConfigMaps", async () => {
    expect(await names()).toContain("attic-dashboard-overview");
  });

  test("are not made where the stack says so", async () => {
    expect(await names({ observability: { dashboards: { enabled: false } } })).toEqual([]);
  });
});

describe("the monitors", () => {
  test("are made for what the stack installs", async () => {
    expect(await made(traefik)).toContain("PodMonitor traefik");
  });

  test("are not made where the stack says so", async () => {
    const without = { ...traefik, observability: { monitors: { enabled: false } } };
    expect((await made(without)).filter((name) => !name.startsWith("PrometheusRule"))).toEqual([]);
  });
});
