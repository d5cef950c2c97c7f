/**
 * Pods are replaced, moved and become more while clients push and pull. docs/operations.md promises that one pod goes
 * after the other, when a new one is ready and its uploads are done, and docs/ingress.md the same of Traefik: no request
 * may fail, but for the few that Traefik cannot spare its clients, and no upload be lost, whatever of it is done.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiPodNames, apiPods, replaced } from "../../support/live/api-pods.ts";
import { record } from "../../support/live/report.ts";
import { change, declared, deploy, restore, stackText } from "../../support/live/stack-file.ts";
import { expectNothingNoticed, failures, underTraffic } from "../../support/live/under-traffic.ts";
import { ctl, inside, kubectl, object, output, primary, until } from "../../support/live/world.ts";
import { missing } from "../missing.ts";
import { short } from "../short.ts";

const scenario = "3-rollouts";
const under = (what: string, work: () => Promise<unknown>) => underTraffic(scenario, what, work);

/** How many of the API's pods there are above those that the disruption budget demands. */
async function toSpare(): Promise<number> {
  const budget = await object<{ status: { currentHealthy: number; desiredHealthy: number } }>("pdb", "attic");
  if (!budget) throw new Error("the API has no disruption budget");
  return budget.status.currentHealthy - budget.status.desiredHealthy;
}

describe.skipIf(missing)("while clients push and pull", () => {
  let before = "";

  beforeAll(async () => {
    before = stackText();
    await ctl("verify", "--wait", "10m");
  });

  afterAll(async () => {
    await inside("kubectl", "uncordon", "--selector=kubernetes.io/os=linux");
    await restore(before);
    await ctl("verify", "--wait", "10m");
  });

  test("a rolling restart of the API fails no request", async () => {
    const figures = await under("rolling restart of the API", async () => {
      const old = await apiPodNames();
      await kubectl("rollout", "restart", "deployment/attic");
      await kubectl("rollout", "status", "deployment/attic", "--timeout=240s");
      await replaced(old);
    });
    expectNothingNoticed(figures);
  });

  test("a rolling restart of Traefik fails no request, but a few on connections that it closes in that moment", async () => {
    const traefik = (...args: string[]) => output("kubectl", "--namespace=traefik", ...args);
    const pods = async () => (await traefik("get", "pods", "-o", "name")).split("\n");
    const figures = await under("rolling restart of Traefik", async () => {
      const old = await pods();
      await traefik("rollout", "restart", "deployment/traefik");
      await traefik("rollout", "status", "deployment/traefik", "--timeout=240s");
      await until("the old pods of Traefik have ended", 180, async () =>
        (await pods()).every((pod) => !old.includes(pod)),
      );
    });
    const kept = failures(figures).filter((failure) => failure.endsWith("other side closed"));
    record(scenario, {
      what: "rolling restart of Traefik: of these, sent on kept connections in the moment in which they were closed",
      value: kept.length,
      unit: "requests",
    });
    // Of HTTP/1.1 that cannot be avoided, and clients send such a request again; HTTP/2 says which were not taken.
    expect(failures(figures).filter((failure) => !kept.includes(failure))).toEqual([]);
    // One at most on each connection, and clients keep few to either pod. There is none as a rule.
    expect(kept.length).toBeLessThanOrEqual(4);
    expect(figures.lost).toEqual([]);
    expect(figures.acknowledged).toBeGreaterThan(3);
  });

  test.skipIf(short)("a changed setting is in new pods, and fails no request", async () => {
    const old = await apiPodNames();
    change({ "attic:server.maxNarInfoSize": 524_288 });
    const figures = await under("changed setting", async () => {
      await deploy();
      await replaced(old);
    });
    const toml = await kubectl("get", "configmap", "attic-config", "-o", "jsonpath={.data}");
    expect(toml).toContain("max-nar-info-size = 524288");
    expectNothingNoticed(figures);
  });

  test.skipIf(short)("a higher minimum of replicas is followed, and fails no request", async () => {
    const minimum = Number(declared("attic:api.scaling.minReplicas")) + 1;
    change({ "attic:api.scaling.minReplicas": minimum });
    const figures = await under("another replica", async () => {
      await deploy();
      await until("there is a pod more", 180, async () => {
        const api = await object<{ status: { readyReplicas?: number } }>("deployment", "attic");
        return (api?.status.readyReplicas ?? 0) >= minimum;
      });
    });
    expectNothingNoticed(figures);
  });

  // After the one before, which has a pod on every node.
  test.skipIf(short)("nodes that are drained at once wait for each other, and fail no request", async () => {
    // The operator moves the database's primary away from a node that takes no more pods, which interrupts writing.
    const besides = await kubectl("get", "pod", await primary(), "-o", "jsonpath={.spec.nodeName}");
    const pods = (await apiPods()).filter(({ node }) => node !== besides);
    const nodes = [...new Set(pods.map(({ node }) => node))];
    const old = pods.map(({ name }) => name);
    const evicting = [
      "--pod-selector=app.kubernetes.io/name=attic",
      "--delete-emptydir-data",
      "--timeout=240s",
    ];
    const spared: number[] = [];
    const said: string[] = [];
    const figures = await under("nodes drained", async () => {
      let over = false;
      const watched = (async () => {
        for (; !over; await sleep(200)) spared.push(await toSpare());
      })();
      const drained = nodes.map((node) => inside("kubectl", "drain", node, ...evicting));
      for (const { stdout, stderr } of await Promise.all(drained)) said.push(stdout, stderr);
      over = true;
      await watched;
      await replaced(old);
    });
    await output("kubectl", "uncordon", ...nodes);
    expect(old.length).toBeGreaterThanOrEqual(2);
    expect(said.join("\n").match(/node\/\S+ drained/g)).toHaveLength(nodes.length);
    expect(said.join("\n")).toContain("would violate the pod's disruption budget");
    expect(Math.min(...spared)).toBeGreaterThanOrEqual(0);
    expectNothingNoticed(figures);
  });
});
