import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Settings } from "../../config/schema/index.ts";
import { clearLoad, simulateLoad } from "../../embedded/control-plane/index.ts";
import type { RunResult } from "../../embedded/engine/engine.ts";
import { applyObject, kubectl, kubectlOutput, sharedControlPlane } from "../support/control-plane.ts";
import { least } from "../support/settings.ts";
import { type TestStack, testStack } from "../support/stack.ts";

const namespace = "program-test";
const settings: Settings = {
  ...least,
  namespace,
  deletionProtection: false,
  ingress: { awaitCertificate: false },
};

let stack: TestStack;
beforeAll(() => {
  stack = testStack();
});
afterAll(async () => {
  await stack.run("destroy", settings);
  stack.remove();
});

/** A field of an object in the stack's namespace. */
const get = async (object: string, path: string) =>
  (await kubectlOutput(["-n", namespace, "get", object, "-o", `jsonpath={${path}}`])).trim();

/** Changes an object as a person would, beside the program. */
const patch = (object: string, change: object) =>
  kubectlOutput(["-n", namespace, "patch", object, "--type=merge", "-p", JSON.stringify(change)]);

/** Waits until a question has the answer; fails with the last one it had. */
async function eventually(seconds: number, ask: () => Promise<string>, answer: string) {
  const end = Date.now() + seconds * 1000;
  let last = await ask();
  while (last !== answer && Date.now() < end) {
    await sleep(500);
    last = await ask();
  }
  expect(last).toBe(answer);
}

/** The objects that a run changed, by type and name. */
const changed = ({ operation }: RunResult) =>
  [...operation.resources.values()]
    .filter(({ op, type }) => op !== "same" && type.includes(":") && !type.startsWith("pulumi:"))
    .map(({ op, type, name }) => `${op} ${type.split(":").pop()} ${name}`)
    .sort();

describe("the whole stack on a real API server", () => {
  test("comes up with every workload Ready, in the declared order", async () => {
    const { changes } = await stack.run("up", settings);
    expect(changes).not.toHaveProperty("update");
    expect(await get("job", ".items[*].status.succeeded")).toBe("1");
    expect(await get("deployment/attic-gc", ".status.readyReplicas")).toBe("1");
    await eventually(30, () => get("deployment/attic", ".status.readyReplicas"), "2");
  });

  test("has nothing to change the second time, in a preview and in an update", async () => {
    expect(Object.keys((await stack.run("preview", settings, { expectNoChanges: true })).changes)).toEqual([
      "same",
    ]);
    expect(Object.keys((await stack.run("up", settings, { expectNoChanges: true })).changes)).toEqual([
      "same",
    ]);
  });

  test("has not drifted from its state although the cluster has filled in its defaults", async () => {
    await stack.run("refresh", settings);
    await stack.run("preview", settings, { expectNoChanges: true });
  });

  test("keeps secrets out of everything but Secrets", async () => {
    const everything = await kubectlOutput([
      "-n",
      namespace,
      "get",
      "configmap,deployment,job,pod",
      "-o",
      "json",
    ]);
    expect(everything).not.toMatch(/PRIVATE KEY|BEGIN PUBLIC/);
    const pem = Buffer.from(
      Buffer.from(
        await get("secret/attic-secrets", ".data.ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64"),
        "base64",
      ).toString(),
      "base64",
    ).toString();
    expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  });
});

describe("a change", () => {
  test("of the server's configuration changes the ConfigMap and restarts the pods, and nothing else", async () => {
    const result = await stack.run("up", { ...settings, server: { compression: { type: "brotli" } } });
    expect(changed(result)).toEqual([
      "update ConfigMap attic-config",
      "update Deployment attic",
      "update Deployment attic-gc",
    ]);
    await stack.run("up", settings);
  });

  test("of the autoscaler's bounds leaves the pods alone", async () => {
    const generation = await get("deployment/attic", ".metadata.generation");
    const result = await stack.run("up", { ...settings, api: { scaling: { maxReplicas: 8 } } });
    // The dashboard draws the bounds.
    expect(changed(result).sort()).toEqual([
      "update ConfigMap attic-dashboard-autoscaling",
      "update HorizontalPodAutoscaler attic",
    ]);
    expect(await get("deployment/attic", ".metadata.generation")).toBe(generation);
    await stack.run("up", settings);
  });

  test("of the image migrates first, with a Job of its own", async () => {
    const image = settings.image.replace(/.$/, "1");
    const before = await get("job", ".items[*].metadata.name");
    await stack.run("up", { ...settings, image });
    expect(await get("job", ".items[*].metadata.name")).not.toBe(before);
    expect(await get("deployment/attic", ".spec.template.spec.containers[0].image")).toBe(image);
    await stack.run("up", settings);
  });
});

describe("the autoscaler", () => {
  afterAll(() => clearLoad(sharedControlPlane().kubeconfig, { namespace }));

  test("takes the API from 2 to 10 under load and back to 2, and no update in between undoes it", async () => {
    const { kubeconfig } = sharedControlPlane();
    const replicas = () => get("hpa/attic", ".status.currentReplicas");
    await eventually(30, replicas, "2");
    await simulateLoad(kubeconfig, { namespace, cpu: "500m", labels: { "app.kubernetes.io/name": "attic" } });
    await eventually(90, replicas, "10");

    await stack.run("up", { ...settings, server: { log: "info" } });
    expect(await get("deployment/attic", ".spec.replicas")).toBe("10");
    await stack.run("up", settings);

    // Five quiet minutes are the real behaviour; a test has not the time.
    const policies = [{ type: "Percent", value: 100, periodSeconds: 1 }];
    const hurry = { spec: { behavior: { scaleDown: { stabilizationWindowSeconds: 1, policies } } } };
    await patch("hpa/attic", hurry);
    await clearLoad(kubeconfig, { namespace });
    await eventually(90, replicas, "2");
  });

  test("that a person changed is put back after a refresh, and the person is asked first", async () => {
    await patch("hpa/attic", { spec: { maxReplicas: 15 } });
    await stack.run("refresh", settings);
    await expect(stack.run("up", settings)).rejects.toThrow(/spec.maxReplicas is set by "kubectl-patch"/);
    await kubectlOutput(["-n", namespace, "delete", "hpa/attic"]);
    await stack.run("refresh", settings);
    expect(changed(await stack.run("up", settings))).toEqual(["create HorizontalPodAutoscaler attic"]);
    expect(await get("hpa/attic", ".spec.maxReplicas")).toBe("10");
  });
});

describe("what the cluster refuses", () => {
  test("a container that breaks Pod Security, by the namespace that the program made", async () => {
    const container = { name: "bad", image: "example.invalid/bad:1", securityContext: { privileged: true } };
    const bad = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "bad", namespace },
      spec: { containers: [container] },
    };
    await expect(applyObject(bad)).rejects.toThrow(/violates PodSecurity "restricted:latest": privileged/);
    expect((await kubectl(["-n", namespace, "get", "pod", "bad"])).code).not.toBe(0);
  });

  test("pods beyond a quota fail the update with the quota's own words, and the next update recovers", async () => {
    await applyObject({
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "small", namespace },
      spec: { hard: { "limits.memory": "1Mi" } },
    });
    const broken = stack.run("up", {
      ...settings,
      garbageCollection: { runAs: "deployment", interval: "6h" },
    });
    await expect(broken).rejects.toThrow(/exceeded quota: small/);
    await kubectlOutput(["-n", namespace, "delete", "resourcequota/small"]);
    await stack.run("up", settings);
    expect(await get("deployment/attic-gc", ".status.readyReplicas")).toBe("1");
  });
});

describe("an interrupted update", () => {
  test("converges after the API server was killed in the middle of it", async () => {
    const image = settings.image.replace(/.$/, "2");
    const { stateDir } = sharedControlPlane();
    let killed = false;
    const broken = stack
      .run(
        "up",
        { ...settings, image },
        {
          onEvent: () => {
            if (killed) return;
            killed = true;
            process.kill(apiserver(stateDir), "SIGKILL");
          },
        },
      )
      .catch((error: unknown) => error);
    await broken;
    expect(killed).toBe(true);
    await eventually(60, async () => String((await kubectl(["get", "--raw", "/readyz"])).code), "0");
    await stack.run("up", { ...settings, image });
    expect(await get("deployment/attic", ".spec.template.spec.containers[0].image")).toBe(image);
    await stack.run("up", { ...settings, image }, { expectNoChanges: true });
  });
});

/** The process id of the control plane's API server. */
const apiserver = (stateDir: string) => Number(readFileSync(`${stateDir}/run/kube-apiserver.pid`, "utf8"));

test("taken down, it leaves no object", async () => {
  await stack.run("destroy", settings);
  expect((await kubectl(["get", "namespace", namespace])).code).not.toBe(0);
  const left = await kubectlOutput([
    "get",
    "all,configmap,secret,hpa,pdb,serviceaccount",
    "-n",
    namespace,
    "-o",
    "name",
  ]);
  expect(left.trim()).toBe("");
});
