import { readFileSync } from "node:fs";
import * as kubernetes from "@pulumi/kubernetes";
import { afterEach, describe, expect, it } from "vitest";
import type { KubeObject } from "../../embedded/providers/kubernetes/object.ts";
import {
  eventually,
  kubeconfig,
  list,
  openStack,
  type StackOptions,
  type TestStack,
} from "./providers/test-stack.ts";

const opened: TestStack[] = [];

async function open(options?: StackOptions): Promise<TestStack> {
  const stack = await openStack(options);
  opened.push(stack);
  return stack;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((stack) => stack.close()));
});

function provider(args: kubernetes.ProviderArgs = {}): { provider: kubernetes.Provider } {
  return { provider: new kubernetes.Provider("cluster", { kubeconfig: kubeconfig(), ...args }) };
}

/** A program of one ConfigMap called `settings`. */
function configMap(
  { namespace }: TestStack,
  data: Record<string, string>,
  args: kubernetes.ProviderArgs = {},
  annotations: Record<string, string> = {},
) {
  return () => {
    const metadata = { namespace, name: "settings", annotations };
    new kubernetes.core.v1.ConfigMap("settings", { metadata, data }, provider(args));
  };
}

interface Workload {
  namespace: string;
  annotations?: Record<string, string>;
  spec?: object;
  pod?: object;
}

function deploymentArgs({ namespace, annotations, spec, pod }: Workload): kubernetes.apps.v1.DeploymentArgs {
  const labels = { app: "web" };
  return {
    metadata: { namespace, name: "web", annotations },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }], ...pod } },
      ...spec,
    },
  };
}

function deployment(workload: Workload) {
  return () => {
    new kubernetes.apps.v1.Deployment("web", deploymentArgs(workload), provider());
  };
}

function live(stack: TestStack, path: string): Promise<KubeObject> {
  return stack.api.request<KubeObject>("GET", path.replace("{ns}", stack.namespace));
}

const CONFIG_MAP = "/api/v1/namespaces/{ns}/configmaps/settings";
const DEPLOYMENT = "/apis/apps/v1/namespaces/{ns}/deployments/web";

/** Changes an object as someone else. */
function patch(
  stack: TestStack,
  path: string,
  body: object,
  fieldManager = "someone-else",
): Promise<unknown> {
  return stack.api.request("PATCH", path.replace("{ns}", stack.namespace), {
    body,
    contentType: "application/merge-patch+json",
    query: { fieldManager },
  });
}

describe("a Kubernetes resource through the real engine", () => {
  it("is created, and is not changed by a second update", async () => {
    const stack = await open({ processes: true });
    stack.program = configMap(stack, { a: "1" });
    expect((await stack.up()).changes).toEqual({ create: 3 });
    expect((await live(stack, CONFIG_MAP)).data).toEqual({ a: "1" });
    expect((await stack.up({ expectNoChanges: true })).changes).toEqual({ same: 3 });
  });

  it("gets a name when it has none, and keeps it", async () => {
    const stack = await open();
    stack.program = () => {
      const { namespace } = stack;
      const map = new kubernetes.core.v1.ConfigMap("Named_by-us", { metadata: { namespace } }, provider());
      return { name: map.metadata.name };
    };
    const { name } = (await stack.up()).outputs;
    expect(name).toMatch(/^named-by-us-[a-z0-9]{8}$/);
    expect((await stack.up({ expectNoChanges: true })).outputs).toEqual({ name });
  });

  it("shows in a preview what will change, and by which path", async () => {
    const stack = await open();
    stack.program = deployment(stack);
    await stack.up();
    stack.program = deployment({ ...stack, pod: { containers: [{ name: "web", image: "web:2" }] } });
    const { changes, text } = await stack.preview();
    expect(changes).toEqual({ same: 2, update: 1 });
    expect(text).toMatch(/image: "web:1" => "web:2"/);
    expect(text).not.toMatch(/replicas/);
  });

  it("is updated in place, and the update waits for the rollout", async () => {
    const stack = await open();
    stack.program = deployment(stack);
    await stack.up();
    const { uid } = (await live(stack, DEPLOYMENT)).metadata;
    stack.program = deployment({ ...stack, pod: { containers: [{ name: "web", image: "web:2" }] } });
    expect((await stack.up()).changes).toEqual({ same: 2, update: 1 });
    const { metadata, status } = await live(stack, DEPLOYMENT);
    expect(metadata.uid).toBe(uid);
    expect(status).toMatchObject({ updatedReplicas: 2, availableReplicas: 2, observedGeneration: 2 });
  });

  it("does not change for another way to write the same", async () => {
    const stack = await open();
    const container = (cpu: string) => ({ name: "web", image: "web:1", resources: { requests: { cpu } } });
    stack.program = deployment({ ...stack, pod: { containers: [container("1000m")] } });
    await stack.up();
    stack.program = deployment({ ...stack, pod: { containers: [container("1")] } });
    expect((await stack.up({ expectNoChanges: true })).changes).toEqual({ same: 3 });
  });

  it("is replaced, the old one deleted first, when an immutable field changes", async () => {
    const stack = await open();
    stack.program = deployment(stack);
    await stack.up();
    const { uid } = (await live(stack, DEPLOYMENT)).metadata;
    const labels = { app: "other" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } };
    stack.program = deployment({ ...stack, spec: { selector: { matchLabels: labels }, template } });
    expect((await stack.preview()).changes).toEqual({ same: 2, replace: 1 });
    expect((await stack.up()).changes).toEqual({ same: 2, replace: 1 });
    expect((await live(stack, DEPLOYMENT)).metadata.uid).not.toBe(uid);
  });

  it("is replaced when only the API server knows that a field is immutable", async () => {
    const stack = await open();
    const fixed = (value: string) => configMap(stack, { a: value }, { enableConfigMapMutable: true });
    stack.program = fixed("1");
    await stack.up();
    await patch(stack, CONFIG_MAP, { immutable: true });
    stack.program = fixed("2");
    expect((await stack.up()).changes).toMatchObject({ replace: 1 });
    expect((await live(stack, CONFIG_MAP)).data).toEqual({ a: "2" });
  });

  it("shows drift after a refresh, and the next update takes it back", async () => {
    const stack = await open();
    const annotations = { "pulumi.com/patchForce": "true" };
    stack.program = configMap(stack, { a: "1" }, { enableConfigMapMutable: true }, annotations);
    await stack.up();
    await patch(stack, CONFIG_MAP, { data: { a: "drifted" } });
    expect(await stack.refresh()).toMatchObject({ update: 1 });
    expect((await stack.preview()).text).toMatch(/a: "drifted" => "1"/);
    await stack.up();
    expect((await live(stack, CONFIG_MAP)).data).toEqual({ a: "1" });
  });

  it("is found gone by a refresh, and created again", async () => {
    const stack = await open();
    stack.program = configMap(stack, { a: "1" });
    await stack.up();
    await stack.api.request("DELETE", CONFIG_MAP.replace("{ns}", stack.namespace));
    expect(await stack.refresh()).toMatchObject({ delete: 1 });
    expect((await stack.up()).changes).toMatchObject({ create: 1 });
  });

  it("is imported as it is, though the program leaves out what the server filled in", async () => {
    const stack = await open();
    const { namespace } = stack;
    const theirs = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", labels: { a: "b" } },
      spec: { ports: [{ port: 80 }] },
    };
    await stack.api.request("POST", `/api/v1/namespaces/${namespace}/services`, { body: theirs });
    stack.program = () => {
      const args = {
        metadata: { namespace, name: "web", labels: { a: "b" } },
        spec: { ports: [{ port: 80 }] },
      };
      new kubernetes.core.v1.Service("web", args, { ...provider(), import: `${namespace}/web` });
    };
    expect((await stack.up()).changes).toEqual({ create: 2, import: 1 });
    expect((await stack.up({ expectNoChanges: true })).changes).toEqual({ same: 3 });
  });

  it("is deleted, and nothing stays behind", async () => {
    const stack = await open();
    stack.program = deployment(stack);
    await stack.up();
    await stack.destroy();
    const found = await Promise.all(
      ["deployments", "replicasets"].map((plural) =>
        list(stack.api, `/apis/apps/v1/namespaces/${stack.namespace}/${plural}`),
      ),
    );
    expect(found.flat()).toEqual([]);
  });
});

describe("secrets", () => {
  it("are never readable in the state", async () => {
    const stack = await open();
    stack.program = () => {
      const { namespace } = stack;
      const stringData = { password: "hunter2" };
      new kubernetes.core.v1.Secret("s", { metadata: { namespace, name: "s" }, stringData }, provider());
    };
    await stack.up();
    await stack.refresh();
    const text = JSON.stringify(await stack.state());
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain(Buffer.from("hunter2").toString("base64"));
    const secret = await live(stack, "/api/v1/namespaces/{ns}/secrets/s");
    expect(secret.data).toEqual({ password: Buffer.from("hunter2").toString("base64") });
  });
});

describe("an object that belongs to someone else", () => {
  it("is not adopted silently: the error names it and the ways to have it", async () => {
    const stack = await open();
    const metadata = { name: "settings" };
    const theirs = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "theirs" } };
    await stack.api.request("POST", `/api/v1/namespaces/${stack.namespace}/configmaps`, { body: theirs });
    stack.program = configMap(stack, { a: "ours" });
    const failure = await stack.failureOf(stack.up());
    expect(failure).toContain(`ConfigMap ${stack.namespace}/settings already exists`);
    expect(failure).toContain(
      `pulumi import kubernetes:core/v1:ConfigMap settings ${stack.namespace}/settings`,
    );
    expect((await live(stack, CONFIG_MAP)).data).toEqual({ a: "theirs" });
  });

  it("keeps its fields: the error names them and their manager", async () => {
    const stack = await open();
    stack.program = deployment(stack);
    await stack.up();
    await patch(stack, DEPLOYMENT, { spec: { replicas: 3 } }, "autoscaler");
    stack.program = deployment({ ...stack, spec: { replicas: 1 } });
    const failure = await stack.failureOf(stack.preview());
    expect(failure).toContain('.spec.replicas is set by "autoscaler"');
    expect(failure).toContain("pulumi.com/patchForce");
  });

  it("keeps fields that the program ignores", async () => {
    const stack = await open();
    const program = (image: string) => () => {
      const pod = { containers: [{ name: "web", image }] };
      const options = { ...provider(), ignoreChanges: ["spec.replicas"] };
      new kubernetes.apps.v1.Deployment("web", deploymentArgs({ ...stack, pod }), options);
    };
    stack.program = program("web:1");
    await stack.up();
    await patch(stack, DEPLOYMENT, { spec: { replicas: 3 } }, "autoscaler");
    stack.program = program("web:2");
    await stack.up();
    expect((await live(stack, DEPLOYMENT)).spec).toMatchObject({ replicas: 3 });
  });
});

describe("waiting", () => {
  it("ends at once when a policy refuses the pods, with the policy's words", async () => {
    const stack = await open({ labels: { "pod-security.kubernetes.io/enforce": "restricted" } });
    stack.program = deployment(stack);
    const failure = await stack.failureOf(stack.up());
    expect(failure).toMatch(/its pods can't be created: .*violates PodSecurity "restricted:latest"/);
    const kept = (await stack.state()).find(({ type }) => type === "kubernetes:apps/v1:Deployment");
    expect(kept?.initErrors).not.toHaveLength(0);

    const securityContext = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    };
    stack.program = deployment({
      ...stack,
      pod: { containers: [{ name: "web", image: "web:1", securityContext }] },
    });
    expect((await stack.up()).changes).toMatchObject({ update: 1 });
  });

  it("says why the pods of a stuck rollout are not there", async () => {
    const stack = await open();
    const pod = { nodeSelector: { disk: "none-such" } };
    stack.program = deployment({ ...stack, pod, spec: { progressDeadlineSeconds: 2 } });
    // The template above is the one with the pod's own settings.
    const args = deploymentArgs({ ...stack, pod, spec: { progressDeadlineSeconds: 2 } });
    stack.program = () => {
      new kubernetes.apps.v1.Deployment("web", args, provider());
    };
    const failure = await stack.failureOf(stack.up());
    expect(failure).toMatch(/made no progress for 2 s: 0 of 2 pods available/);
    expect(failure).toMatch(/Pod web-\S+: Unschedulable: 0\/\d+ nodes are available/);
  });

  it("reports a failed Job with its pod's exit code and message", async () => {
    const stack = await open();
    const { namespace } = stack;
    stack.program = () => {
      // No node fits, so the pod stays as this test makes it.
      const spec = {
        restartPolicy: "Never",
        nodeSelector: { no: "node" },
        containers: [{ name: "migrate", image: "m" }],
      };
      const args = {
        metadata: { namespace, name: "migrate" },
        spec: { backoffLimit: 0, template: { spec } },
      };
      new kubernetes.batch.v1.Job("migrate", args, provider());
    };
    const update = stack.failureOf(stack.up());
    const [pod] = await eventually(async () => {
      const pods = await list(stack.api, `/api/v1/namespaces/${namespace}/pods`);
      return pods.length > 0 ? pods : undefined;
    });
    const terminated = { exitCode: 3, reason: "Error", message: "relation does not exist" };
    await patch(stack, `/api/v1/namespaces/{ns}/pods/${pod?.metadata.name}/status`, {
      status: {
        phase: "Failed",
        conditions: [{ type: "PodScheduled", status: "True" }],
        containerStatuses: [
          { name: "migrate", image: "m", imageID: "", ready: false, restartCount: 0, state: { terminated } },
        ],
      },
    });
    const failure = await update;
    expect(failure).toMatch(/Job \S+\/migrate failed: BackoffLimitExceeded/);
    expect(failure).toContain("container migrate: exit code 3 (Error): relation does not exist");
  });

  it("goes by the annotation pulumi.com/waitFor", async () => {
    const stack = await open();
    const annotations = { "pulumi.com/waitFor": "jsonpath={.metadata.labels.tested}=yes" };
    stack.program = () => {
      const metadata = { namespace: stack.namespace, name: "settings", annotations };
      new kubernetes.core.v1.ConfigMap("settings", { metadata }, provider());
    };
    const update = stack.up();
    let ended = false;
    void update.finally(() => {
      ended = true;
    });
    await eventually(() => live(stack, CONFIG_MAP).catch(() => undefined));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(ended).toBe(false);
    await patch(stack, CONFIG_MAP, { metadata: { labels: { tested: "yes" } } });
    expect((await update).changes).toMatchObject({ create: 3 });
  });
});

describe("custom resources", () => {
  it("wait for their definition, and for the condition they name", async () => {
    const stack = await open();
    const group = `${stack.namespace}.example.com`;
    const names = { plural: "caches", singular: "cache", kind: "Cache" };
    const schema = { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } };
    stack.program = () => {
      const options = provider();
      const version = { name: "v1", served: true, storage: true, schema, subresources: { status: {} } };
      const definition = new kubernetes.apiextensions.v1.CustomResourceDefinition(
        "caches",
        {
          metadata: { name: `caches.${group}` },
          spec: { group, scope: "Namespaced", names, versions: [version] },
        },
        options,
      );
      const annotations = { "pulumi.com/waitFor": "condition=Ready" };
      const metadata = { namespace: stack.namespace, name: "cache", annotations };
      new kubernetes.apiextensions.CustomResource(
        "cache",
        { apiVersion: `${group}/v1`, kind: "Cache", metadata, spec: { size: 1 } },
        { ...options, dependsOn: [definition] },
      );
    };
    const { text } = await stack.preview();
    expect(text).toContain(`the cluster has no kind Cache in ${group}/v1`);
    const update = stack.up();
    const path = `/apis/${group}/v1/namespaces/{ns}/caches/cache`;
    await eventually(() => live(stack, path).catch(() => undefined));
    await patch(stack, `${path}/status`, { status: { conditions: [{ type: "Ready", status: "True" }] } });
    expect((await update).changes).toEqual({ create: 4 });
    await stack.api.request(
      "DELETE",
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/caches.${group}`,
    );
  });
});

describe("mistakes", () => {
  it("in a field's name fail the preview with the API server's words", async () => {
    const stack = await open();
    stack.program = deployment({ ...stack, pod: { containers: [{ name: "web", imagee: "web:1" }] } });
    expect(await stack.failureOf(stack.preview())).toContain("imagee");
  });

  it("in a value fail the preview with the API server's words", async () => {
    const stack = await open();
    stack.program = deployment({ ...stack, spec: { replicas: -1 } });
    expect(await stack.failureOf(stack.preview())).toMatch(/spec.replicas: Invalid value/);
  });
});

describe("without a cluster", () => {
  /** A kubeconfig that leads to a port where nobody listens. */
  function nowhere(): string {
    return readFileSync(kubeconfig(), "utf8").replace(/https:\/\/127\.0\.0\.1:\d+/, "https://127.0.0.1:1");
  }

  it("a preview works from the inputs, and an update fails in one line", async () => {
    const stack = await open();
    const kubeClientSettings = { timeout: 4 };
    stack.program = configMap(stack, { a: "1" }, { kubeconfig: nowhere(), kubeClientSettings });
    const { changes, text } = await stack.preview();
    expect(changes).toEqual({ create: 3 });
    expect(text).toContain("shown from the program's inputs alone");
    const failure = await stack.failureOf(stack.up());
    expect(failure).toMatch(
      /the Kubernetes API server at https:\/\/127\.0\.0\.1:1 can't be reached: .*ECONNREFUSED/,
    );
  });
});
