import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { kubeconfigClusters } from "../../cli/cluster/index.ts";
import { run } from "../../cli/run.ts";
import type { Settings } from "../../config/schema/index.ts";
import { type AtticServer, startAtticServer } from "../support/attic-server.ts";
import { applyObject, kubectlOutput, sharedControlPlane } from "../support/control-plane.ts";
import { image, providerSettings } from "../support/settings.ts";
import { type TestStack, testStack } from "../support/stack.ts";

// `atticctl status` and `verify` on the whole stack, on a real API server with a real autoscaler. No operator runs, so
// what operators would write into their objects is written here.

const namespace = "status-test";
const settings: Settings = {
  hostname: "nix-cache.example.com",
  image,
  namespace,
  deletionProtection: false,
  database: {
    provider: "cloudNativePg",
    cloudNativePg: { awaitReady: false, roleArn: "arn:aws:iam::123456789012:role/attic-pg" },
  },
  objectStore: { provider: "s3", region: "eu-central-1" },
  ingress: { awaitCertificate: false },
  caches: { main: {} },
  tokens: { ci: { gitlab: { caches: { main: ["pull", "push"] } } } },
};

let stack: TestStack;
let folder: string;
let server: AtticServer;
let outputs: Record<string, unknown>;

beforeAll(async () => {
  stack = testStack();
  const result = await stack.run("up", settings);
  outputs = Object.fromEntries(Object.entries(result.outputs).map(([name, { value }]) => [name, value]));
  folder = mkdtempSync(join(tmpdir(), "attic-status-"));
  cpSync(join(import.meta.dirname, "../../Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  writeStackFile("test", settings);
  writeStackFile("elsewhere", { ...settings, namespace: "no-such-namespace" });
  const publicKey = Buffer.from(String(outputs.publicKeyBase64), "base64").toString();
  server = await startAtticServer({ publicKey, allowedHosts: [settings.hostname] });
  server.caches.set("main", {
    keypair: "main:AA==",
    is_public: false,
    store_dir: "/nix/store",
    priority: 41,
    upstream_cache_key_names: [],
    retention_period: null,
  });
  await playOperators();
});
afterAll(async () => {
  await stack.run("destroy", settings);
  stack.remove();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function writeStackFile(name: string, what: Settings): void {
  const attic = Object.fromEntries(Object.entries(what).map(([key, value]) => [`attic:${key}`, value]));
  writeFileSync(
    join(folder, `Pulumi.${name}.yaml`),
    stringify({ config: { ...providerSettings, ...attic } }),
  );
}

const isTrue = (type: string) => ({
  type,
  status: "True",
  reason: "Played",
  message: "played",
  lastTransitionTime: "2026-11-21T08:00:00Z",
});
const inHours = (hours: number) =>
  new Date(Date.now() + hours * 3_600_000).toISOString().replace(/\.\d+/, "");

const writeStatus = (object: string, status: object) =>
  kubectlOutput([
    "-n",
    namespace,
    "patch",
    object,
    "--subresource=status",
    "--type=merge",
    "-p",
    JSON.stringify({ status }),
  ]);

/** Writes what CloudNativePG, its plugin and cert-manager write when all is well. */
async function playOperators(): Promise<void> {
  await writeStatus("clusters.postgresql.cnpg.io/attic-pg", {
    phase: "Cluster in healthy state",
    instances: 3,
    readyInstances: 3,
    currentPrimary: "attic-pg-1",
    targetPrimary: "attic-pg-1",
    conditions: [isTrue("Ready"), isTrue("ContinuousArchiving")],
  });
  await writeStatus("objectstores.barmancloud.cnpg.io/attic-pg", {
    serverRecoveryWindow: {
      "attic-pg": { lastSuccessfulBackupTime: inHours(-12), firstRecoverabilityPoint: inHours(-100) },
    },
  });
  await writeStatus("certificates.cert-manager.io/attic", {
    conditions: [isTrue("Ready")],
    notAfter: inHours(1000),
    renewalTime: inHours(500),
  });
}

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  json(): any;
}

/** Runs `atticctl` as a person would who has a kubeconfig; Pulumi's state is what the update above returned. */
async function atticctl(args: string[], kubeconfig = sharedControlPlane().kubeconfig): Promise<Ran> {
  const printed = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof printed) => ({
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const start = performance.now();
  const code = await run(args.includes("--stack") ? args : ["--stack", "test", ...args], {
    env: { NO_COLOR: "1", KUBECONFIG: kubeconfig },
    cwd: folder,
    now: new Date(),
    elapsed: () => performance.now() - start,
    stdin: new PassThrough(),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    deployments: {
      selected: async () => undefined,
      open: async () => ({ outputs: async () => outputs, resources: async () => [] }),
      operate: async () => {
        throw new Error("nothing is brought up here");
      },
    },
    clusters: kubeconfigClusters,
    sleep,
  });
  return { code, ...printed, json: () => JSON.parse(printed.stdout) };
}

const verify = (...args: string[]) => atticctl(["verify", "--json", "--endpoint", server.url, ...args]);

/** The checks that failed, with what was found. */
const failed = (ran: Ran): Record<string, string> =>
  Object.fromEntries(
    (ran.json().checks as { id: string; outcome: string; found: string }[])
      .filter(({ outcome }) => outcome === "failed")
      .map(({ id, found }) => [id, found]),
  );

/** A kubeconfig of a ServiceAccount. */
async function kubeconfigOf(account: string): Promise<string> {
  const admin = parse(await kubectlOutput(["config", "view", "--raw"])) as {
    clusters: { name: string }[];
  };
  const token = (await kubectlOutput(["-n", namespace, "create", "token", account])).trim();
  const file = join(folder, `${account}.kubeconfig`);
  writeFileSync(
    file,
    stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "limited",
      clusters: admin.clusters,
      users: [{ name: "limited", user: { token } }],
      contexts: [{ name: "limited", context: { cluster: admin.clusters[0]?.name, user: "limited" } }],
    }),
  );
  return file;
}

describe("a stack that was just brought up", () => {
  test("is verified as soon as the autoscaler has its figures", async () => {
    const ran = await verify("--wait", "3m");
    expect(failed(ran)).toEqual({});
    expect(ran.code).toBe(0);
    const skipped = (ran.json().checks as { id: string; outcome: string }[]).flatMap(({ id, outcome }) =>
      outcome === "skipped" ? id : [],
    );
    // No Prometheus runs here; everything else was judged.
    expect(skipped).toEqual(["rules-loaded"]);
  });

  test("is well on the screen", async () => {
    const { code, stdout } = await atticctl(["status"]);
    expect(stdout).toMatch(/^stack test {2}all is well\n/);
    expect(stdout).toMatch(/✓ API {10}2\/2 ready, b7c90565, \d+ \w+ old, no restarts\n/);
    expect(stdout).toMatch(/✓ scaling {6}2 in 2 to 10, cpu \d+ % of 70 %, memory \d+ % of 80 %\n/);
    expect(stdout).toContain("✓ database     3/3 ready, primary attic-pg-1\n");
    expect(code).toBe(0);
  });
});

describe("who may only look", () => {
  const account = "looker";
  beforeAll(async () => {
    const metadata = { name: account, namespace };
    const rule = (apiGroup: string, verb: string, ...resources: string[]) => ({
      apiGroups: [apiGroup],
      resources,
      verbs: [verb],
    });
    await applyObject({ apiVersion: "v1", kind: "ServiceAccount", metadata });
    await applyObject({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "nobody", namespace } });
    await applyObject({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata,
      // docs/verify.md lists them.
      rules: [
        rule("", "list", "pods"),
        rule("apps", "get", "deployments"),
        rule("batch", "get", "jobs", "cronjobs"),
        rule("autoscaling", "get", "horizontalpodautoscalers"),
        rule("policy", "get", "poddisruptionbudgets"),
        rule("networking.k8s.io", "list", "networkpolicies"),
        rule("postgresql.cnpg.io", "get", "clusters"),
        rule("postgresql.cnpg.io", "list", "backups"),
        rule("barmancloud.cnpg.io", "get", "objectstores"),
        rule("cert-manager.io", "get", "certificates"),
        rule("traefik.io", "list", "ingressroutes", "middlewares", "serverstransports", "traefikservices"),
        rule("monitoring.coreos.com", "list", "prometheusrules"),
      ],
    });
    await applyObject({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: account },
      subjects: [{ kind: "ServiceAccount", ...metadata }],
    });
  });

  test("sees all of the stack with the rights that the page lists, and is told of no Prometheus", async () => {
    const { code, stdout, stderr } = await atticctl(["status"], await kubeconfigOf(account));
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^stack test {2}all is well\n/);
    expect(stdout).toMatch(/– alerts {7}Prometheus was not asked: list Service: User "system/);
    expect(code).toBe(0);
  });

  test("is told what is missing, when there are no rights at all", async () => {
    const { code, stdout, stderr } = await atticctl(["status"], await kubeconfigOf("nobody"));
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      new RegExp(
        `^error: nothing of namespace ${namespace} can be seen: .*User "system:serviceaccount:${namespace}:nobody" cannot (get|list) resource`,
      ),
    );
  });

  test("is told that the credentials are refused", async () => {
    const file = await kubeconfigOf("nobody");
    const text = parse(await kubectlOutput(["config", "view", "--raw", "--kubeconfig", file])) as {
      users: unknown;
    };
    writeFileSync(file, stringify({ ...text, users: [{ name: "limited", user: { token: "an-old-one" } }] }));
    const { code, stderr } = await atticctl(["status"], file);
    expect(code).toBe(1);
    expect(stderr).toContain("does not accept the credentials of context limited of $KUBECONFIG");
  });
});

describe("what is not there", () => {
  test("is told of a namespace, as that of another cluster", async () => {
    const { code, stderr } = await atticctl(["verify", "--stack", "elsewhere"]);
    expect(code).toBe(3);
    expect(stderr).toContain(
      "error: the cluster has no namespace no-such-namespace, where stack elsewhere is to be",
    );
  });

  test("is told of a cluster", async () => {
    const file = join(folder, "gone.kubeconfig");
    const text = (await kubectlOutput(["config", "view", "--raw"])).replace(
      /https:\/\/127.0.0.1:\d+/,
      "https://127.0.0.1:1",
    );
    writeFileSync(file, text);
    const { code, stderr } = await atticctl(["status"], file);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: the API server https:\/\/127.0.0.1:1 does not answer: connect ECONNREFUSED/,
    );
  });
});

describe("what fails", () => {
  const patch = (object: string, change: object) =>
    kubectlOutput(["-n", namespace, "patch", object, "--type=strategic", "-p", JSON.stringify(change)]);

  test("is an update that got stuck half-way, with the scheduler's own reason", async () => {
    const other = image.replace(/.$/, "9");
    const nowhere = { nodeSelector: { "example.com/none": "true" } };
    await patch("deployment/attic", {
      spec: { template: { spec: { ...nowhere, containers: [{ name: "attic", image: other }] } } },
    });
    const ran = await verify("--wait", "10s");
    expect(ran.code).toBe(4);
    expect(failed(ran)).toEqual({
      "api-rollout": expect.stringMatching(
        /^1 of 2 updated, 2 old still there; attic-\w+-\w+ has no node: 0\/3 nodes are available/,
      ),
      "api-image": other,
    });
    const { code, stdout } = await atticctl(["status"]);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^stack test {2}2 things are not as they should be\n/);
    await kubectlOutput(["-n", namespace, "rollout", "undo", "deployment/attic"]);
    expect(failed(await verify("--wait", "1m"))).toEqual({});
  });

  test("is a pod that is not ready", async () => {
    const names = await kubectlOutput([
      "-n",
      namespace,
      "get",
      "pod",
      "-l",
      "app.kubernetes.io/name=attic-gc",
      "-o",
      "name",
    ]);
    const pod = names.trim().split("\n")[0] as string;
    await writeStatus(pod, {
      conditions: [
        { type: "Ready", status: "False", reason: "ContainersNotReady", message: "it fails its probe" },
      ],
    });
    expect(failed(await verify("--wait", "2s"))).toEqual({
      "collector-rollout": expect.stringMatching(
        /^0 of 1 ready; attic-gc-\S+ is not ready: it fails its probe$/,
      ),
    });
    await kubectlOutput(["-n", namespace, "delete", pod, "--now"]);
    expect(failed(await verify("--wait", "1m"))).toEqual({});
  });

  test("is what somebody deleted", async () => {
    await kubectlOutput([
      "-n",
      namespace,
      "delete",
      "middleware.traefik.io/attic-headers",
      "networkpolicy/default-deny",
      "pdb/attic",
    ]);
    expect(failed(await verify())).toEqual({
      "disruption-budget": "there is no PodDisruptionBudget attic",
      routes: "missing: Middleware attic-headers",
      policies: "missing: NetworkPolicy default-deny",
    });
  });

  test("is a database that lost an instance, logs that are not archived, a certificate that is not ready", async () => {
    await writeStatus("clusters.postgresql.cnpg.io/attic-pg", {
      readyInstances: 2,
      conditions: [
        isTrue("Ready"),
        { ...isTrue("ContinuousArchiving"), status: "False", message: "exit status 4" },
      ],
    });
    await writeStatus("certificates.cert-manager.io/attic", {
      conditions: [{ ...isTrue("Ready"), status: "False" }],
    });
    expect(failed(await verify())).toMatchObject({
      "database-ready": "2 of 3 instances ready",
      "database-archiving": "exit status 4",
      certificate: "not ready: played",
    });
  });
});
