import { mkdtempSync, rmSync } from "node:fs";
import { copyFile, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { exporters } from "../../components/observability/metrics/index.ts";
import { prometheusRule } from "../../components/observability/rule.ts";
import { ruleObjects } from "../../components/observability/rule-objects.ts";
import { databaseMonitor } from "../../components/postgres/monitor.ts";
import type { KubeObject } from "../../embedded/cloudnative-pg/manifest.ts";
import { renderProgress } from "../../embedded/toolchain/index.ts";
import { down } from "../../live/down.ts";
import { ensureImages, type Images } from "../../live/images/index.ts";
import { startGround, startNode } from "../../live/nodes/index.ts";
import { unpacked } from "../../live/packages.ts";
import { type LivePaths, livePaths } from "../../live/paths.ts";
import { restricted } from "../../live/platform/access.ts";
import { cloudNativePg } from "../../live/platform/cloudnative-pg.ts";
import { apply, complete } from "../../live/platform/install.ts";
import {
  alerts,
  declared,
  monitoring,
  notifications,
  query,
  rules,
  startReceiver,
  targets,
} from "../../live/platform/monitoring/index.ts";
import { ensurePrograms } from "../../live/programs.ts";
import { stacks } from "../edge/observability/emitted.ts";
import { missing } from "./missing.ts";
import { api, database, namespace, troubles } from "./monitored.ts";

/** Exporters that are not on this cluster. */
const elsewhere = ["the Barman Cloud plugin", "cert-manager", "Traefik", "the stack's recording rules"];

describe.skipIf(missing)("Prometheus on real nodes", { timeout: 360_000 }, () => {
  let root: string;
  let paths: LivePaths;
  const config = stacks.production as NonNullable<(typeof stacks)[string]>;
  let images: Images;

  const put = (name: string, objects: readonly KubeObject[]) =>
    apply(paths, { name, is: "", images: [], objects, rollouts: [] });

  beforeAll(async () => {
    root = mkdtempSync(join(inject("liveParent"), "monitoring-"));
    paths = livePaths(join(root, "live"));
    const { listener, end } = renderProgress();
    const programs = await ensurePrograms(listener);
    const part = await monitoring(listener).finally(end);
    const operator = await cloudNativePg();
    const busybox = await unpacked("busybox", ["busybox-static"]);
    images = await ensureImages(paths, programs, [
      ...part.images,
      {
        name: "localhost/busybox:1",
        from: busybox,
        config: { Entrypoint: ["/bin/busybox"] },
        async fill(folder) {
          await mkdir(join(folder, "bin"));
          await copyFile(join(busybox, "bin/busybox"), join(folder, "bin/busybox"));
          await symlink("busybox", join(folder, "bin/sh"));
        },
      },
    ]);
    await startGround(paths, programs);
    await startNode(paths, programs, 1);
    await startReceiver(paths);
    await apply(paths, part);
    await apply(paths, operator);
    await complete(paths, part);
    await complete(paths, operator);
    const ours = Object.entries(ruleObjects(config)).map(([name, groups]) =>
      prometheusRule(config, name, groups),
    );
    await put("stack", [
      restricted(namespace),
      ...(ours as KubeObject[]),
      databaseMonitor(config) as KubeObject,
      ...api(false),
      ...troubles,
      database(images.postgresql),
    ]);
  });
  afterAll(async () => {
    await down(paths);
    rmSync(root, { recursive: true, force: true });
  });

  /** Waits for what is asked to be there. */
  const until = async <T>(seconds: number, ask: () => Promise<T | undefined | false>): Promise<T> => {
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(500)) {
      const found = await ask().catch(() => undefined);
      if (found) return found;
    }
    throw new Error(`not within ${seconds} s`);
  };

  test("takes the stack's rules, and evaluates each without an error", async () => {
    const expected = Object.values(ruleObjects(config))
      .flat()
      .flatMap((group) => group.rules.map((rule) => ("alert" in rule ? rule.alert : rule.record)));
    const ours = async () => (await rules(paths)).filter(({ file }) => file.startsWith(`${namespace}-`));
    await until(120, async () => {
      const loaded = await ours();
      return loaded.length === expected.length && loaded.every(({ health }) => health !== "unknown");
    });
    const loaded = await ours();
    expect(loaded.filter(({ health }) => health !== "ok")).toEqual([]);
    expect(loaded.map(({ name }) => name).sort()).toEqual(expected.sort());
  });

  test("reaches all that it is to scrape, kubelets by their certificates", async () => {
    const pools = [
      "podMonitor/monitoring/alertmanager/0",
      "podMonitor/monitoring/cloudnative-pg/0",
      "podMonitor/monitoring/prometheus-operator/0",
      "podMonitor/monitoring/prometheus/0",
      `podMonitor/${namespace}/attic-pg/0`,
      "serviceMonitor/monitoring/kube-state-metrics/0",
      "serviceMonitor/monitoring/kube-state-metrics/1",
      "serviceMonitor/monitoring/kubelet/0",
      "serviceMonitor/monitoring/kubelet/1",
      "serviceMonitor/monitoring/kubelet/2",
    ];
    await until(180, async () => {
      const up = new Set((await targets(paths)).filter(({ up }) => up).map(({ pool }) => pool));
      return pools.every((pool) => up.has(pool));
    }).catch(() => {});
    const found = await targets(paths);
    expect(found.filter(({ up }) => !up)).toEqual([]);
    expect([...new Set(found.map(({ pool }) => pool))].sort()).toEqual(pools);
    expect(
      found.filter(({ pool }) => pool.includes("kubelet")).every(({ url }) => url.startsWith("https:")),
    ).toBe(true);
  });

  test.each(exporters.filter(({ name }) => !elsewhere.includes(name)))(
    "finds every metric of the catalogue at $name, with its type and labels",
    async ({ metrics, scraped }) => {
      const wrong = async () => {
        const types = await declared(paths);
        // What waits for its next start waits for a moment only, so what was there counts, too.
        const samples = await query(
          paths,
          `last_over_time({__name__=~"${Object.keys(metrics).join("|")}", namespace="${namespace}"}[10m])`,
        );
        return Object.entries(metrics).flatMap(([name, { type, labels }]) => [
          ...(types[name] === type ? [] : [`${name} is ${types[name] ?? "not there"}, not a ${type}`]),
          ...[...labels, ...scraped]
            .filter((label) => !samples.some(({ labels }) => labels.__name__ === name && labels[label]))
            .map((label) => `${name} has no ${label}`),
        ]);
      };
      let found: string[] = [];
      await until(150, async () => {
        found = await wrong();
        return found.length === 0;
      }).catch(() => {});
      expect(found).toEqual([]);
    },
  );

  test("has the person on call told of an outage with its runbook, and of its end", async () => {
    const told = async (status: "firing" | "resolved") =>
      (await notifications(paths))
        .flatMap(({ alerts }) => alerts)
        .find((alert) => alert.labels.alertname === "AtticApiDown" && alert.status === status);
    const fired = await until(200, () => told("firing"));
    expect(fired).toMatchObject({
      labels: { severity: "critical", namespace },
      annotations: {
        summary: "No pod of the cache's API is ready",
        runbook_url: `${config.observability.rules.runbooks}AtticApiDown.md`,
      },
    });
    expect(await told("resolved")).toBeUndefined();
    await put("recovery", api(true));
    await until(120, () => told("resolved"));
    expect((await alerts(paths)).map(({ labels }) => labels.alertname)).not.toContain("AtticApiDown");
  });
});
