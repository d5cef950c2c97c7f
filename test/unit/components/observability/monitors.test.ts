import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { describe, expect, test } from "vitest";
import { monitors } from "../../../../components/observability/monitors.ts";
import { releases } from "../../../../components/operators/releases.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { stackConfig } from "../../../support/settings.ts";

const install = { install: true };
const all = { cloudNativePg: install, barmanCloud: install, certManager: install, traefik: install };
const made = (settings: Partial<Settings> = {}) => monitors(stackConfig({ operators: all, ...settings }));
const named = (name: string, settings?: Partial<Settings>) =>
  made(settings).find(({ metadata }) => metadata.name === name);

describe("the operators' monitors", () => {
  test("are of those that the stack installs and alerts or objectives are about", () => {
    expect(made().map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
      "PodMonitor cert-manager/cert-manager",
      "PodMonitor traefik/traefik",
    ]);
  });

  test("are left to whoever brought the others", () => {
    expect(made({ operators: {} })).toEqual([]);
    expect(made({ operators: { traefik: install } })).toHaveLength(1);
  });

  test("are not made where the stack says so", () => {
    expect(made({ observability: { monitors: { enabled: false } } })).toEqual([]);
  });

  test("lie beside their operator, wherever it is installed", () => {
    const config = stackConfig({ operators: all, network: { ingressController: { namespace: "edge" } } });
    const namespaces = Object.fromEntries(releases(config).map(({ name, namespace }) => [name, namespace]));
    for (const { metadata } of monitors(config)) expect(metadata.namespace).toBe(namespaces[metadata.name]);
    expect(namespaces.traefik).toBe("edge");
  });

  test("carry what Prometheus selects monitors by", () => {
    const labels = { release: "kube-prometheus-stack" };
    for (const { metadata } of made({ observability: { monitors: { labels } } })) {
      expect(metadata.labels).toMatchObject(labels);
    }
  });

  test("leave a certificate its own namespace", () => {
    expect(named("cert-manager")?.spec).toEqual({
      selector: {
        matchLabels: {
          "app.kubernetes.io/name": "cert-manager",
          "app.kubernetes.io/component": "controller",
        },
      },
      podMetricsEndpoints: [{ port: "http-metrics", honorLabels: true }],
    });
  });

  test("scrape Traefik by pod, as a Service would add a label that Traefik has, too", () => {
    expect(named("traefik")?.spec).toEqual({
      selector: { matchLabels: { "app.kubernetes.io/name": "traefik" } },
      podMetricsEndpoints: [{ port: "metrics" }],
    });
  });

  test("are what the operator's definition allows", () => {
    const Kind = PodMonitor as new (data: object) => { validate(): void };
    for (const monitor of made()) expect(() => new Kind(monitor).validate()).not.toThrow();
  });
});
