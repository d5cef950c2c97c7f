import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Settings } from "../../config/schema/index.ts";
import { applyObject, kubectl, kubectlOutput } from "../support/control-plane.ts";
import { image } from "../support/settings.ts";
import { type TestStack, testStack } from "../support/stack.ts";

const namespace = "ordering-test";
const settings: Settings = {
  hostname: "nix-cache.example.com",
  image,
  namespace,
  deletionProtection: true,
  ingress: { awaitCertificate: false },
  objectStore: {
    provider: "aws",
    region: "eu-central-1",
    aws: { oidcProviderArn: "arn:aws:iam::000000000000:oidc-provider/oidc.example.com/id/A" },
  },
};
const disposable: Settings = { ...settings, deletionProtection: false };

let stack: TestStack;
beforeAll(() => {
  stack = testStack();
});
afterAll(async () => {
  await stack.run("destroy", disposable).catch(() => {});
  stack.remove();
});

const get = async (...args: string[]) => (await kubectlOutput(["-n", namespace, "get", ...args])).trim();
const apiImage = () => get("deployment/attic", "-o", "jsonpath={.spec.template.spec.containers[0].image}");

async function until(there: () => Promise<boolean>) {
  const end = Date.now() + 30_000;
  while (!(await there())) {
    if (Date.now() > end) throw new Error("it did not come about within 30 s");
    await sleep(200);
  }
}

test("the migrations start when the database is ready, and not before", async () => {
  const update = stack.run("up", settings);
  await until(async () => (await kubectl(["-n", namespace, "get", "cluster/attic-pg"])).code === 0);
  await sleep(3_000);
  expect(await get("job,deployment", "-o", "name")).toBe("");

  // What the operator would say.
  const ready = {
    status: {
      conditions: [
        { type: "Ready", status: "True", reason: "Test", message: "", lastTransitionTime: new Date() },
      ],
    },
  };
  await kubectlOutput([
    "-n",
    namespace,
    "patch",
    "cluster/attic-pg",
    "--subresource=status",
    "--type=merge",
    "-p",
    JSON.stringify(ready),
  ]);
  await update;
  expect(await get("job", "-o", "jsonpath={.items[*].status.succeeded}")).toBe("1");
  expect(await apiImage()).toBe(image);
});

/** No pod can be made, as when the cluster is full. */
const quota = {
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "none", namespace },
  spec: { hard: { pods: "0" } },
};

test("a migration that fails keeps the API as it was, and says why", async () => {
  await applyObject(quota);
  const next = { ...settings, image: image.replace(/.$/, "1") };
  await expect(stack.run("up", next)).rejects.toThrow(/Job attic-migrate[\s\S]*exceeded quota: none/);
  expect(await apiImage()).toBe(image);

  await kubectlOutput(["-n", namespace, "delete", "resourcequota/none"]);
  await stack.run("up", next);
  expect(await apiImage()).toBe(next.image);
});

test("a migration that has failed is tried again by the next update, although nothing of it has changed", async () => {
  await applyObject(quota);
  const next = { ...settings, image: image.replace(/.$/, "2") };
  await expect(stack.run("up", next)).rejects.toThrow(/exceeded quota: none/);
  const job = await get("job", "-o", "name");
  await giveUp(job);

  await kubectlOutput(["-n", namespace, "delete", "resourcequota/none"]);
  await stack.run("up", next);
  expect(await get(job, "-o", "jsonpath={.status.succeeded}")).toBe("1");
  expect(await apiImage()).toBe(next.image);
});

/** Has the Job's controller count it as failed, as when its tries are used up. */
async function giveUp(job: string): Promise<void> {
  const target = {
    type: "FailureTarget",
    status: "True",
    reason: "BackoffLimitExceeded",
    message: "Job has reached the specified backoff limit",
    lastTransitionTime: new Date(),
  };
  const patch = JSON.stringify({ status: { conditions: [target] } });
  await kubectlOutput(["-n", namespace, "patch", job, "--subresource=status", "--type=merge", "-p", patch]);
  await kubectlOutput(["-n", namespace, "wait", job, "--for=condition=Failed", "--timeout=30s"]);
}

test("what cannot be made again is not taken down, until the stack is told that it may be", async () => {
  await expect(stack.run("destroy", settings)).rejects.toThrow(/protected/);
  expect(await get("cluster/attic-pg", "-o", "name")).toBe("cluster.postgresql.cnpg.io/attic-pg");

  await stack.run("up", disposable);
  await stack.run("destroy", disposable);
  expect((await kubectl(["get", "namespace", namespace])).code).not.toBe(0);
});
