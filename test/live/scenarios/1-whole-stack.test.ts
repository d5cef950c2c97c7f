import { describe, expect, test } from "vitest";
import { rules, targets } from "../../../live/platform/monitoring/index.ts";
import { ctl, kubectl, namespace, object, paths, until } from "../../support/live/world.ts";
import { missing } from "../missing.ts";

interface Pods {
  items: {
    metadata: { name: string; labels: Record<string, string> };
    status: { containerStatuses: { name: string; ready: boolean; restartCount: number }[] };
    spec: { containers: { name: string; startupProbe?: object; readinessProbe?: object }[] };
  }[];
}

/** What Prometheus scrapes: all that the cluster has, and the stack's database. Attic itself has no metrics. */
const scraped = [
  "podMonitor/monitoring/alertmanager/0",
  "podMonitor/monitoring/cert-manager/0",
  "podMonitor/monitoring/cloudnative-pg/0",
  "podMonitor/monitoring/prometheus-operator/0",
  "podMonitor/monitoring/prometheus/0",
  "podMonitor/monitoring/traefik/0",
  `podMonitor/${namespace}/attic-pg/0`,
  "serviceMonitor/monitoring/kube-state-metrics/0",
  "serviceMonitor/monitoring/kube-state-metrics/1",
  "serviceMonitor/monitoring/kubelet/0",
  "serviceMonitor/monitoring/kubelet/1",
  "serviceMonitor/monitoring/kubelet/2",
];

describe.skipIf(missing)("the whole stack on real nodes", () => {
  test("passes every check of atticctl verify", async () => {
    expect(await ctl("verify", "--wait", "2m")).not.toContain("✗");
  });

  test("has pods whose probes are asked and answered, and which were never started again", async () => {
    const { items } = JSON.parse(
      await kubectl("get", "pods", "--field-selector=status.phase=Running", "-o", "json"),
    ) as Pods;
    const api = items.filter(({ metadata }) => metadata.labels["app.kubernetes.io/name"] === "attic");
    expect(api.length).toBeGreaterThanOrEqual(2);
    for (const { spec } of api) {
      expect(spec.containers.every(({ readinessProbe }) => readinessProbe !== undefined)).toBe(true);
    }
    const restarted = items.flatMap(({ metadata, status }) =>
      status.containerStatuses
        .filter(({ ready, restartCount }) => !ready || restartCount > 0)
        .map(({ name }) => `${metadata.name}/${name}`),
    );
    expect(restarted).toEqual([]);
  });

  test("is scraped, and its rules are evaluated, without an error", async () => {
    const up = async () => new Set((await targets(paths)).filter(({ up }) => up).map(({ pool }) => pool));
    await until("something of every monitor is up", 90, async () => {
      const pools = await up();
      return scraped.every((pool) => pools.has(pool));
    });
    await until("every target is up", 90, async () => (await targets(paths)).every(({ up }) => up));
    expect([...(await up())].sort()).toEqual(scraped);
    await until("every rule was evaluated", 120, async () =>
      (await rules(paths)).every(({ health }) => health !== "unknown"),
    );
    const loaded = await rules(paths);
    expect(loaded.filter(({ file }) => file.startsWith("nix-cache-")).length).toBeGreaterThan(50);
    expect(loaded.filter(({ health }) => health === "err")).toEqual([]);
  });

  test("has migrated the database once, and collects garbage", async () => {
    const jobs = JSON.parse(await kubectl("get", "jobs", "-o", "json")) as {
      items: { metadata: { name: string }; status: { succeeded?: number; failed?: number } }[];
    };
    const migrations = jobs.items.filter(({ metadata }) => metadata.name.startsWith("attic-migrate-"));
    expect(migrations.map(({ status }) => [status.succeeded ?? 0, status.failed ?? 0])).toEqual([[1, 0]]);
    const collector = await object<{ status: { readyReplicas?: number } }>("deployment", "attic-gc");
    expect(collector?.status.readyReplicas).toBe(1);
  });
});
