import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  clearLoad,
  controlPlaneStatus,
  ensureControlPlane,
  type KubeClient,
  kubeClient,
  simulateLoad,
} from "../../embedded/control-plane/index.ts";
import { partPid } from "../../embedded/control-plane/state.ts";
import { crdSets } from "../../embedded/toolchain/crd-sets.ts";
import { ensureCrds } from "../../embedded/toolchain/crds.ts";
import {
  applyObject,
  inNamespace,
  kubectl,
  kubectlOutput,
  sharedControlPlane,
} from "../support/control-plane.ts";
import { childrenOf, listenersOf } from "../support/processes.ts";

const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };

let client: KubeClient;
beforeAll(async () => {
  client = await kubeClient(sharedControlPlane().kubeconfig);
});
afterAll(() => client.close());

describe("the control plane", () => {
  test("has three ready nodes, one in each of three zones", async () => {
    const { items } = await client.json<{ items: NodeObject[] }>("GET", "/api/v1/nodes");

    expect(items.map(({ metadata }) => metadata.labels["topology.kubernetes.io/zone"]).sort()).toEqual([
      "zone-0",
      "zone-1",
      "zone-2",
    ]);
    for (const { spec, status } of items) {
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
      expect(spec.taints).toBeUndefined();
    }
  });

  test("tells a watch's events as they come, and refuses what is no watch", async () => {
    const events: string[] = [];
    for await (const line of client.lines("/api/v1/namespaces?watch=true&timeoutSeconds=1")) {
      const { type, object } = JSON.parse(line) as { type: string; object: { metadata: { name: string } } };
      events.push(`${type} ${object.metadata.name}`);
    }
    expect(events).toContain("ADDED kube-system");
    await expect(client.lines("/api/v1/nothing?watch=true")[Symbol.asyncIterator]().next()).rejects.toThrow(
      "HTTP 404",
    );
  });

  test("is found again, not started twice, also by two callers at once", async () => {
    const { stateDir } = sharedControlPlane();
    const before = await controlPlaneStatus({ stateDir });

    const [one, other] = await Promise.all([
      ensureControlPlane({ stateDir }),
      ensureControlPlane({ stateDir }),
    ]);

    expect(one).toMatchObject({ started: false, pid: before.pid });
    expect(other).toMatchObject({ started: false, pid: before.pid });
  });

  test("knows every CRD the program uses, and leaves those that are there alone", async () => {
    const { kubeconfig } = sharedControlPlane();
    const { stdout } = await kubectl(["get", "crd", "-o", "name"]);

    for (const name of [
      "clusters.postgresql.cnpg.io",
      "objectstores.barmancloud.cnpg.io",
      "ingressroutes.traefik.io",
      "servicemonitors.monitoring.coreos.com",
      "certificates.cert-manager.io",
    ]) {
      expect(stdout).toContain(name);
    }
    expect(await ensureCrds({ kubeconfig, sets: crdSets })).toBe(0);
  });

  test("runs a Deployment's pods, spread over the zones, and gives a claim its volume", async () => {
    await inNamespace(async (namespace) => {
      await applyObject(deployment(namespace, 3));
      await applyObject({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "data", namespace },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      });

      await kubectlOutput(["-n", namespace, "rollout", "status", "deployment/web", "--timeout=30s"]);
      const nodes = await kubectlOutput([
        "-n",
        namespace,
        "get",
        "pods",
        "-o",
        "jsonpath={.items[*].spec.nodeName}",
      ]);
      expect(new Set(nodes.split(" ")).size).toBe(3);
      await kubectlOutput([
        "-n",
        namespace,
        "wait",
        "pvc/data",
        "--for=jsonpath={.status.phase}=Bound",
        "--timeout=20s",
      ]);
    });
  });
});

describe("access", () => {
  test("an anonymous caller is refused", async () => {
    const nobody = await kubeClient(sharedControlPlane().kubeconfig, false);
    try {
      for (const path of ["/api/v1/namespaces", "/version", "/readyz"]) {
        expect((await nobody.call("GET", path)).status).toBe(401);
      }
    } finally {
      nobody.close();
    }
  });

  test("a ServiceAccount may do nothing that no role allows it", async () => {
    const account = "--as=system:serviceaccount:default:default";

    const refused = await kubectl(["get", "secrets", "-A", account]);

    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('cannot list resource "secrets"');
    expect((await kubectl(["auth", "can-i", "create", "deployments", account])).stdout.trim()).toBe("no");
    expect((await kubectl(["auth", "can-i", "create", "deployments"])).stdout.trim()).toBe("yes");
  });

  test("a namespace that enforces `restricted` refuses a privileged pod, and takes a modest one", async () => {
    await inNamespace(async (namespace) => {
      const privileged = { name: "c", image: "example.invalid/x:1", securityContext: { privileged: true } };
      const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "bad", namespace },
        spec: { containers: [privileged] },
      };

      await expect(applyObject(pod)).rejects.toThrow('violates PodSecurity "restricted:latest": privileged');
      expect(await kubectlOutput(["-n", namespace, "get", "pods", "-o", "name"])).toBe("");

      await applyObject(deployment(namespace, 1));
      await kubectlOutput(["-n", namespace, "rollout", "status", "deployment/web", "--timeout=30s"]);
    }, restricted);
  });

  test("every listener of every part is on 127.0.0.1, and none is elsewhere", async () => {
    const { pid } = await controlPlaneStatus(sharedControlPlane());
    const pids = [pid ?? 0, ...(await childrenOf(pid ?? 0))];

    const listeners = (await Promise.all(pids.map(listenersOf))).flat();

    expect(pids).toHaveLength(7);
    expect(listeners).toHaveLength(7);
    expect(new Set(listeners.map(({ address }) => address))).toEqual(new Set(["127.0.0.1"]));
  });

  test("keys and kubeconfigs are readable by their owner alone, and on no command line", async () => {
    const { stateDir } = sharedControlPlane();
    const { stdout } = await kubectl(["config", "view", "--raw", "-o", "jsonpath={.users[0].user}"]);
    const { pid } = await controlPlaneStatus({ stateDir });
    const { statSync } = await import("node:fs");

    expect(stdout).toContain("client-key-data");
    expect(stdout).not.toContain("token");
    for (const file of ["kubeconfig", ...(await readdir(`${stateDir}/pki`)).map((name) => `pki/${name}`)]) {
      expect(statSync(`${stateDir}/${file}`).mode & 0o077, file).toBe(0);
    }
    expect(await readdir(stateDir)).not.toContain("tokens.csv");
    for (const child of await childrenOf(pid ?? 0)) {
      expect(await readFile(`/proc/${child}/cmdline`, "utf8")).not.toMatch(/token-auth-file|PRIVATE KEY/);
    }
  });
});

describe("a part that dies", () => {
  test("is started again on its port, and what was asked for meanwhile is done", async () => {
    const { stateDir, server } = sharedControlPlane();
    await inNamespace(async (namespace) => {
      await applyObject(deployment(namespace, 2));
      const pid = await partPid(stateDir, "kube-apiserver");

      process.kill(pid, "SIGKILL");
      await vi.waitFor(async () => expect((await client.call("GET", "/readyz")).status).toBe(200), {
        timeout: 20_000,
        interval: 100,
      });

      expect(await partPid(stateDir, "kube-apiserver")).not.toBe(pid);
      expect((await controlPlaneStatus({ stateDir })).server).toBe(server);
      await kubectlOutput(["-n", namespace, "rollout", "status", "deployment/web", "--timeout=60s"]);
    });
  });
});

describe("load", () => {
  test("makes an autoscaler add pods, and its end removes them", async () => {
    const { kubeconfig } = sharedControlPlane();
    await inNamespace(async (namespace) => {
      await applyObject(deployment(namespace, 2));
      await applyObject(autoscaler(namespace));
      const replicas = async () =>
        Number(
          await kubectlOutput(["-n", namespace, "get", "deployment/web", "-o", "jsonpath={.spec.replicas}"]),
        );

      await vi.waitFor(async () => expect(await cpuUtilization(namespace)).toBe(10), patience);
      expect(await replicas()).toBe(2);

      await simulateLoad(kubeconfig, { namespace, labels: { app: "web" }, cpu: "200m" });
      await vi.waitFor(async () => expect(await replicas()).toBe(6), patience);

      await clearLoad(kubeconfig, { namespace });
      await vi.waitFor(async () => expect(await replicas()).toBe(2), patience);
    });
  });

  test("is refused when it is no quantity, and changes nothing", async () => {
    const { kubeconfig } = sharedControlPlane();
    const path = "/apis/kwok.x-k8s.io/v1alpha1/clusterresourceusages/containers";
    const before = (await client.call("GET", path)).text;

    await expect(simulateLoad(kubeconfig, { namespace: "x", cpu: "much" })).rejects.toThrow(
      '"much" is no quantity',
    );

    await sleep(100);
    expect((await client.call("GET", path)).text).toBe(before);
  });
});

const patience = { timeout: 90_000, interval: 500 };

interface NodeObject {
  metadata: { labels: Record<string, string> };
  spec: { taints?: unknown[] };
  status: { conditions: { type: string; status: string }[] };
}

async function cpuUtilization(namespace: string): Promise<number> {
  const path = "jsonpath={.status.currentMetrics[0].resource.current.averageUtilization}";
  return Number(await kubectlOutput(["-n", namespace, "get", "hpa/web", "-o", path]));
}

function deployment(namespace: string, replicas: number): object {
  const labels = { app: "web" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10_001,
            seccompProfile: { type: "RuntimeDefault" },
          },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "topology.kubernetes.io/zone",
              whenUnsatisfiable: "DoNotSchedule",
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [
            {
              name: "web",
              image: "example.invalid/web:1",
              resources: { requests: { cpu: "100m", memory: "64Mi" } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            },
          ],
        },
      },
    },
  };
}

function autoscaler(namespace: string): object {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web", namespace },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
        },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    },
  };
}
