import { describe, expect, test } from "vitest";
import { dashboards } from "../../../../../components/observability/dashboards/index.ts";
import { stackConfig } from "../../../../support/settings.ts";
import { everything, stacks } from "./stacks.ts";

const namesOf = (settings: Parameters<typeof stackConfig>[0]) =>
  dashboards(stackConfig(settings)).map(({ metadata }) => metadata.name.replace("attic-dashboard-", ""));

describe("which dashboards there are", () => {
  test("one for each thing that the stack has", () => {
    expect(namesOf(everything)).toEqual([
      "overview",
      "traffic",
      "autoscaling",
      "database",
      "backups",
      "tokens",
    ]);
  });

  test("none on a database elsewhere, on backups that are off, on an ingress or tokens that do not exist", () => {
    expect(namesOf({})).toEqual(["overview", "traffic", "autoscaling"]);
    expect(namesOf({ ...everything, ingress: { enabled: false } })).not.toContain("traffic");
    const database = { provider: "cloudNativePg" as const, cloudNativePg: { backup: { enabled: false } } };
    expect(namesOf({ ...everything, database })).not.toContain("backups");
  });

  test("none on tokens without the rules that hand Prometheus their times", () => {
    expect(namesOf({ ...everything, observability: { rules: { enabled: false } } })).not.toContain("tokens");
  });

  test("none at all when they are switched off", () => {
    expect(namesOf({ ...everything, observability: { dashboards: { enabled: false } } })).toEqual([]);
  });
});

describe("a dashboard's ConfigMap", () => {
  test("is found by the sidecar's label and goes into the folder that is configured", () => {
    const [overview] = dashboards(stackConfig());
    expect(overview?.metadata.namespace).toBe("nix-cache");
    expect(overview?.metadata.labels).toMatchObject({
      grafana_dashboard: "1",
      "app.kubernetes.io/part-of": "attic",
    });
    expect(overview?.metadata.annotations).toEqual({ grafana_folder: "Attic" });

    const labels = { "example.com/dashboards": "platform" };
    const [other] = dashboards(
      stackConfig({ observability: { dashboards: { labels, folder: "Platform / Nix" } } }),
    );
    expect(other?.metadata.labels).toMatchObject(labels);
    expect(other?.metadata.labels).not.toHaveProperty("grafana_dashboard");
    expect(other?.metadata.annotations).toEqual({ grafana_folder: "Platform / Nix" });
  });

  test("holds one file, whose name no other dashboard and no other stack has", () => {
    const files = [stackConfig(everything), stackConfig({ ...everything, namespace: "second" })].flatMap(
      (config) => dashboards(config).flatMap(({ data }) => Object.keys(data)),
    );
    expect(files).toHaveLength(12);
    expect(new Set(files).size).toBe(12);
    expect(files[0]).toBe("nix-cache-attic-overview.json");
  });

  test.each(Object.entries(stacks))("is well below the 1 MiB that Kubernetes takes, %s", (_, config) => {
    for (const { data } of dashboards(config)) {
      expect(Buffer.byteLength(Object.values(data).join(""))).toBeLessThan(256 * 1024);
    }
  });

  test.each(Object.entries(stacks))(
    "has the same bytes each time, and no time or random number, %s",
    (_, config) => {
      const bytes = JSON.stringify(dashboards(config));
      expect(JSON.stringify(dashboards(config))).toBe(bytes);
      expect(bytes).not.toMatch(/\d{4}-\d\d-\d\dT/);
      expect(bytes).not.toMatch(/\b1[6-9]\d{8}(\d{3})?\b/);
      expect(bytes).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    },
  );
});
