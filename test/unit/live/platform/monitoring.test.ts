import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../embedded/cloudnative-pg/manifest.ts";
import { alertmanagerObjects, routing } from "../../../../live/platform/monitoring/alertmanager.ts";
import { moved, pinned, prometheusVersion } from "../../../../live/platform/monitoring/module.ts";
import { clusterMonitors } from "../../../../live/platform/monitoring/monitors.ts";
import { prometheusObjects } from "../../../../live/platform/monitoring/prometheus.ts";

const found = (objects: readonly KubeObject[], is: (object: KubeObject) => boolean) => {
  const object = objects.find(is);
  if (!object) throw new Error("there is no such object");
  return object;
};

describe("the version that a go.mod pins", () => {
  const goMod = "module x\n\nrequire (\n\texample.com/a/v2 v2.20.0 // indirect\n\texample.com/a v0.1.0\n)\n";

  test("is found by the whole name of the module", () => {
    expect(pinned("example.com/a", goMod)).toBe("0.1.0");
    expect(pinned("example.com/a/v2", goMod)).toBe("2.20.0");
  });

  test("is an error where there is none", () => {
    expect(() => pinned("example.com/b", goMod)).toThrow("does not pin a release of example.com/b");
  });
});

test.each([
  ["0.315.0", "3.15.0"],
  ["0.305.2", "3.5.2"],
])("the module's version %s is that of Prometheus %s", (module, version) => {
  expect(prometheusVersion(module)).toBe(version);
});

test("what is no version of Prometheus' module is refused", () => {
  expect(() => prometheusVersion("1.8.2")).toThrow("1.8.2");
});

describe("a released object in another namespace", () => {
  const role = { apiVersion: "v1", kind: "ClusterRole", metadata: { name: "a" } };

  test("is in it, and so are the accounts that it names", () => {
    const binding = {
      ...role,
      metadata: { name: "a", namespace: "default" },
      subjects: [{ name: "b", namespace: "default" }],
    };
    expect(moved(binding, "c")).toMatchObject({
      metadata: { namespace: "c" },
      subjects: [{ name: "b", namespace: "c" }],
    });
  });

  test("is in none if it was in none", () => {
    expect(moved(role, "c")).toEqual(role);
  });
});

describe("Prometheus", () => {
  const all = prometheusObjects("localhost/prometheus:v3.15.0", "3.15.0");
  const { spec } = found(all, ({ kind }) => kind === "Prometheus");

  test("takes monitors and rules of every namespace, whatever their labels", () => {
    for (const of of ["rule", "podMonitor", "serviceMonitor"]) {
      expect(spec[`${of}Selector`], of).toEqual({});
      expect(spec[`${of}NamespaceSelector`], of).toEqual({});
    }
  });

  test("may read and never write", () => {
    const { rules } = found(all, ({ kind }) => kind === "ClusterRole");
    const verbs = rules.flatMap((rule: { verbs: string[] }) => rule.verbs);
    expect(new Set(verbs)).toEqual(new Set(["get", "list", "watch"]));
  });
});

test("Alertmanager tells one person of everything, of its end too", () => {
  const { route, receivers } = routing("http://example.com/");
  expect(route).not.toHaveProperty("routes");
  expect(receivers).toEqual([
    { name: route.receiver, webhook_configs: [{ url: "http://example.com/", send_resolved: true }] },
  ]);
  const [secret] = alertmanagerObjects("localhost/alertmanager:v0.31.1", "0.31.1", "http://example.com/");
  expect(secret?.metadata.name).toBe("alertmanager-main");
});

describe("the cluster's own monitors", () => {
  const honoured = (name: string) => {
    const { spec } = found(clusterMonitors(), ({ metadata }) => metadata.name === name);
    return [...(spec.endpoints ?? spec.podMetricsEndpoints)].map(({ honorLabels = false }) => honorLabels);
  };

  test("let the labels win of those who tell of others, and of nobody else", () => {
    expect(honoured("kube-state-metrics")).toEqual([true, false]);
    expect(honoured("kubelet")).toEqual([true, true, true]);
    expect(honoured("cert-manager")).toEqual([true]);
    for (const name of ["traefik", "cloudnative-pg", "prometheus"])
      expect(honoured(name), name).toEqual([false]);
  });

  test("trust a kubelet by its certificate alone", () => {
    expect(JSON.stringify(clusterMonitors())).not.toContain("insecureSkipVerify");
  });

  test("leave the stack's database to the stack", () => {
    expect(JSON.stringify(clusterMonitors())).not.toContain("cnpg.io/cluster");
  });
});
