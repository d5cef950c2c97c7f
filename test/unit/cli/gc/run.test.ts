import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../cli/cluster/index.ts";
import { collector } from "../../../../components/attic/collector.ts";
import { networkPolicies } from "../../../../components/network/policies.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { stackConfig } from "../../../support/settings.ts";
import { type FakeCluster, type FakeClusterOptions, fakeCluster } from "../cluster.ts";
import { type How, type TestProject, testProject } from "../world.ts";

const asCronJob: Partial<Settings> = { garbageCollection: { runAs: "cronJob" } };
const asDeployment: Partial<Settings> = { garbageCollection: { runAs: "deployment" } };

let project: TestProject;
beforeEach(() => {
  project = testProject(undefined, asDeployment);
});
afterEach(() => project.remove());

/** What the program makes, as the cluster has it. */
const inCluster = (settings: Partial<Settings>, change: (object: KubeObject) => void = () => {}) =>
  collector(stackConfig(settings)).map((manifest) => {
    const object = structuredClone(manifest) as unknown as KubeObject;
    object.metadata.uid = "uid-of-it";
    change(object);
    return object;
  });

const clusterOf = (settings: Partial<Settings>, more: FakeClusterOptions = {}) =>
  fakeCluster({ objects: inCluster(settings), ...more });

const collect = (cluster: FakeCluster, args: string[] = [], how: How = {}) =>
  project.run(["gc", "run", ...args], { cluster, ...how });

// biome-ignore lint/suspicious/noExplicitAny: tests look into it
const jobOf = (cluster: FakeCluster) => cluster.changes[0]?.body as any;

describe("atticctl gc run", () => {
  test("makes one Job of the collector's own pod, in the mode that ends", async () => {
    const cluster = clusterOf(asDeployment);
    const { code, stdout } = await collect(cluster);
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([
      "started Job attic-gc-run-20261122080000 in namespace nix-cache",
      "follow it: kubectl -n nix-cache logs -f job/attic-gc-run-20261122080000",
      "",
    ]);
    expect(cluster.changes.map(({ what }) => what)).toEqual(["create Job attic-gc-run-20261122080000"]);
    const { spec } = jobOf(cluster);
    const own = inCluster(asDeployment).find(({ kind }) => kind === "Deployment")
      ?.spec as never as typeof spec;
    expect(spec.template.spec).toEqual({
      ...own.template.spec,
      restartPolicy: "Never",
      containers: [
        {
          ...own.template.spec.containers[0],
          args: ["-f", "/etc/attic/server.toml", "--mode", "garbage-collector-once"],
        },
      ],
    });
    expect(spec).toMatchObject({ backoffLimit: 0, ttlSecondsAfterFinished: 86_400 });
    expect(cluster.closed).toBe(true);
  });

  test("has the labels that the collector's NetworkPolicy selects, and none that a ReplicaSet would", async () => {
    const objects = inCluster(asDeployment, ({ spec }) => {
      const template = (spec as { template?: { metadata: { labels: Record<string, string> } } } | undefined)
        ?.template;
      if (template) template.metadata.labels["pod-template-hash"] = "abc";
    });
    const cluster = fakeCluster({ objects });
    await collect(cluster);
    const policy = networkPolicies(stackConfig()).find(({ metadata }) => metadata.name === "attic-gc");
    const { labels } = jobOf(cluster).spec.template.metadata;
    expect(labels).toMatchObject(policy?.spec.podSelector.matchLabels);
    expect(labels).not.toHaveProperty("pod-template-hash");
  });

  test("belongs to the CronJob where there is one, whose success it then is", async () => {
    project.declare({}, asCronJob);
    const cluster = clusterOf(asCronJob);
    expect((await collect(cluster)).code).toBe(0);
    expect(jobOf(cluster).metadata).toMatchObject({
      annotations: { "cronjob.kubernetes.io/instantiate": "manual" },
      ownerReferences: [{ kind: "CronJob", name: "attic-gc", uid: "uid-of-it", controller: true }],
    });
  });

  test.each([
    ["a CronJob that is suspended", asCronJob, { suspend: true }, "CronJob attic-gc is suspended"],
    ["a Deployment without replicas", asDeployment, { replicas: 0 }, "Deployment attic-gc is scaled to 0"],
  ])("is refused for %s, unless forced", async (_, settings, change, why) => {
    project.declare({}, settings);
    const objects = inCluster(settings, (object) => Object.assign(object.spec ?? {}, change));
    const cluster = fakeCluster({ objects });
    const { code, stderr } = await collect(cluster);
    expect(code).toBe(4);
    expect(stderr).toContain(`error: ${why}: somebody stopped it, for a restore maybe`);
    expect(cluster.changes).toEqual([]);
    expect((await collect(cluster, ["--force"])).code).toBe(0);
  });

  test("is refused while another runs, and not once that has ended", async () => {
    const job = (name: string, type?: string) => ({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name, labels: { "app.kubernetes.io/name": "attic-gc" } },
      status: { conditions: type ? [{ type, status: "True" }] : [] },
    });
    const ended = [job("a", "Complete"), job("b", "Failed")];
    const busy = fakeCluster({ objects: [...inCluster(asDeployment), ...ended, job("c")] });
    const { code, stderr } = await collect(busy);
    expect(code).toBe(4);
    expect(stderr).toContain("error: a collection runs already: Job c");
    expect(busy.changes).toEqual([]);
    const free = fakeCluster({ objects: [...inCluster(asDeployment), ...ended] });
    expect((await collect(free)).code).toBe(0);
  });

  test("has nothing to take the pod from before the stack was brought up", async () => {
    const { code, stderr } = await collect(fakeCluster());
    expect(code).toBe(3);
    expect(stderr).toContain("there is no Deployment attic-gc");
  });
});

describe("atticctl gc run --wait", () => {
  /** A cluster whose Job is in these states, one after the other, and its pod. */
  const running = (states: string[], pod?: object) => {
    const base = clusterOf(asDeployment, { logs: { "pod-1": "one\ntwo\n" } });
    const name = "attic-gc-run-20261122080000";
    if (pod) {
      base.objects.push({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "pod-1", labels: { "job-name": name } },
        status: pod,
      } as never);
    }
    const get: FakeCluster["get"] = async (ref) => {
      if (ref.kind !== "Job") return base.get(ref);
      const type = states.length > 1 ? states.shift() : states[0];
      return { ...ref, metadata: { name }, status: { conditions: [{ type, status: "True" }] } } as never;
    };
    return { ...base, get };
  };
  const terminated = (exitCode: number, reason: string) => ({
    phase: "Failed",
    containerStatuses: [{ state: { terminated: { exitCode, reason } } }],
  });

  test("waits until it has ended", async () => {
    const slept: number[] = [];
    const cluster = running(["", "", "Complete"]);
    const { code, stdout } = await collect(cluster, ["--wait"], { slept });
    expect(code).toBe(0);
    expect(stdout).toBe("garbage was collected: Job attic-gc-run-20261122080000 in namespace nix-cache\n");
    expect(slept).toEqual([2_000, 2_000]);
  });

  test("tells how it failed, with the end of its log", async () => {
    const { code, stdout } = await collect(running(["Failed"], terminated(1, "Error")), ["--wait"]);
    expect(code).toBe(1);
    expect(stdout.split("\n").slice(0, 3)).toEqual(["it failed: Error, exit code 1", "  one", "  two"]);
  });

  test("gives all of it as JSON", async () => {
    const { code, json } = await collect(running(["Failed"], terminated(137, "OOMKilled")), [
      "--wait",
      "--json",
    ]);
    expect(code).toBe(1);
    expect(json()).toEqual({
      job: "attic-gc-run-20261122080000",
      namespace: "nix-cache",
      state: "failed",
      said: "OOMKilled, exit code 137",
      log: ["one", "two"],
    });
  });

  test("says what the pod waits for when nobody waits any longer", async () => {
    const waiting = { state: { waiting: { reason: "ImagePullBackOff" } } };
    const cluster = running([""], { phase: "Pending", containerStatuses: [waiting] });
    const { code, stdout } = await collect(cluster, ["--wait", "1s"]);
    expect(code).toBe(1);
    expect(stdout).toContain("it runs still, and nobody waits for it any longer: ImagePullBackOff");
  });
});
