import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { type Cluster, kubeconfigClusters } from "../../cli/cluster/index.ts";
import { kinds, type Live, refs, volume } from "../../cli/database/objects.ts";
import type { StateResource } from "../../cli/deployments/index.ts";
import { run } from "../../cli/run.ts";
import type { World } from "../../cli/world.ts";
import type { Settings } from "../../config/schema/index.ts";
import { POLICIES } from "../../embedded/local/paths.ts";
import program from "../../index.ts";
import { sharedControlPlane } from "../support/control-plane.ts";
import { image, providerSettings } from "../support/settings.ts";
import { type TestStack, testStack } from "../support/stack.ts";
import { answersCensus } from "../unit/cli/database/database.ts";

// `atticctl db` on the whole stack, on a real API server with the operators' real definitions and the real engine. No
// PostgreSQL runs and nothing is archived: what the operator and the Barman Cloud plugin would do is played here.

const namespace = "database-cli-test";
const drills = `${namespace}-drill`;
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const settings: Settings = {
  hostname: "nix-cache.example.com",
  image,
  namespace,
  // As in production: the Cluster is protected in Pulumi's state.
  deletionProtection: true,
  database: {
    cloudNativePg: {
      awaitReady: false,
      roleArn: role("attic-pg"),
      backup: { drillRoleArn: role("attic-pg-drill") },
    },
  },
  objectStore: { provider: "s3", region: "eu-central-1" },
  ingress: { awaitCertificate: false },
};
const hours = (ago: number) => new Date(Date.now() - ago * 3_600_000).toISOString().replace(/\.\d+/, "");
const target = hours(2);

let stack: TestStack;
let folder: string;
let file: string;
let cluster: Cluster;
let state: StateResource[];
/** Kinds and names of all that a drill's namespace held at some moment. */
const seenInDrill = new Set<string>();

beforeAll(async () => {
  stack = testStack();
  folder = mkdtempSync(join(tmpdir(), "attic-database-"));
  file = join(folder, "Pulumi.test.yaml");
  cpSync(join(import.meta.dirname, "../../Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  const attic = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`attic:${key}`, value]));
  writeFileSync(file, `# The database's test.\n${stringify({ config: { ...providerSettings, ...attic } })}`);
  const { operation } = await stack.run("up", settings, { projectDir: folder });
  state = [...operation.resources.entries()].map(([urn, { type }]) => ({ urn, type }));
  cluster = await kubeconfigClusters.open(
    { name: "test", folder, raw: { values: {}, secretKeys: [] }, config: { namespace } } as never,
    world(),
  );
  await cluster.patch(
    refs.store,
    {
      status: {
        serverRecoveryWindow: {
          "attic-pg": { firstRecoverabilityPoint: hours(100), lastSuccessfulBackupTime: hours(12) },
        },
      },
    },
    { subresource: "status" },
  );
  await playOperator(namespace);
  await playVolume();
});
afterAll(async () => {
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace("deletionProtection: true", "deletionProtection: false"),
  );
  await stack.run("up", settings, { projectDir: folder });
  await stack.run("destroy", settings, { projectDir: folder });
  await cluster.delete(volume(namespace));
  cluster.close();
  stack.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Calls a database ready that is not yet, with a pod for its primary; nothing is recovered. */
async function playOperator(where: string): Promise<void> {
  const scope = await cluster.find<Live>({ ...kinds.namespace, name: where });
  if (!scope || scope.metadata.deletionTimestamp) return;
  const database = await cluster.find<Live>({ ...refs.cluster, namespace: where });
  if (!database || database.metadata.deletionTimestamp) return;
  const primary = { ...kinds.pod, name: "attic-pg-1", namespace: where };
  if (!(await cluster.find(primary))) {
    await cluster.create({
      ...kinds.pod,
      metadata: { name: primary.name, namespace: where, labels: { "cnpg.io/cluster": "attic-pg" } },
      spec: {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "postgres",
            image: "stand-in",
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    });
  }
  const ready = {
    type: "Ready",
    status: "True",
    reason: "Played",
    message: "",
    lastTransitionTime: new Date().toISOString().replace(/\.\d+/, ""),
  };
  if (database.status?.phase) return;
  const status = {
    phase: "Cluster in healthy state",
    instances: 1,
    currentPrimary: primary.name,
    targetPrimary: primary.name,
    conditions: [ready],
  };
  await cluster.patch({ ...refs.cluster, namespace: where }, { status }, { subresource: "status" });
}

/** A volume of the database, whose claim goes with the Cluster as the operator's do. */
async function playVolume(): Promise<void> {
  const owner = await cluster.get<Live>(refs.cluster);
  const size = { accessModes: ["ReadWriteOnce"], storageClassName: "" };
  await cluster.create({
    ...volume(namespace),
    metadata: { name: namespace },
    spec: {
      ...size,
      capacity: { storage: "1Gi" },
      hostPath: { path: "/nowhere" },
      persistentVolumeReclaimPolicy: "Delete",
    },
  });
  await cluster.create({
    ...kinds.claim,
    metadata: {
      name: "attic-pg-1",
      labels: { "cnpg.io/cluster": "attic-pg" },
      ownerReferences: [
        {
          apiVersion: owner.apiVersion,
          kind: owner.kind,
          name: owner.metadata.name,
          uid: String(owner.metadata.uid),
        },
      ],
    },
    spec: { ...size, volumeName: namespace, resources: { requests: { storage: "1Gi" } } },
  });
}

/** Completes backups, as the plugin does. */
async function playPlugin(): Promise<void> {
  for (const { metadata, status } of await cluster.list<Live>(kinds.backup)) {
    if (status?.phase === "completed") continue;
    const done = {
      phase: "completed",
      backupId: "20261121T120000",
      startedAt: hours(0),
      stoppedAt: hours(0),
    };
    await cluster.patch(
      { ...kinds.backup, name: metadata.name },
      { status: done },
      { subresource: "status" },
    );
  }
}

async function lookIntoDrill(): Promise<void> {
  const all = ["Cluster", "ObjectStore", "NetworkPolicy"] as const;
  const versions = {
    Cluster: refs.cluster.apiVersion,
    ObjectStore: refs.store.apiVersion,
    NetworkPolicy: "networking.k8s.io/v1",
  };
  for (const kind of all) {
    const found = await cluster.list<Live>({ apiVersion: versions[kind], kind }, { namespace: drills });
    for (const { metadata } of found) seenInDrill.add(`${kind} ${metadata.name}`);
  }
}

/** PostgreSQL's answers, which no pod here could give. */
const answers = answersCensus({ newest: target, at: new Date().toISOString() });
const exec: Cluster["exec"] = async (_pod, _container, command) => {
  const sql = command.at(-1) ?? "";
  if (sql.includes("pg_switch_wal")) return { code: 0, stdout: "000000010000000000000007", stderr: "" };
  if (sql.includes("last_archived_wal")) return { code: 0, stdout: "t", stderr: "" };
  return answers(command);
};

function world(): World & { printed: { stdout: string; stderr: string } } {
  const printed = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof printed) => ({
    write: (text: string) => {
      printed[name] += text;
    },
  });
  return {
    printed,
    env: { NO_COLOR: "1", KUBECONFIG: sharedControlPlane().kubeconfig, PATH: process.env.PATH },
    cwd: folder,
    now: new Date(),
    elapsed: () => performance.now(),
    stdin: new PassThrough(),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    deployments: {
      selected: async () => undefined,
      open: async () => ({ outputs: async () => ({}), resources: async () => state }),
      operate: ({ action, now, refresh, targets, except, policies = true, message }) =>
        stack.run(action as "up", settings, {
          projectDir: folder,
          program: () => program(now),
          ...(refresh && { refresh }),
          ...(targets && { targets }),
          ...(except && { except }),
          ...(policies && { policyPack: POLICIES }),
          ...(message && { message }),
        }),
    },
    clusters: {
      open: async (...args) => Object.assign(await kubeconfigClusters.open(...args), { exec }),
    },
    sleep: async () => {
      await Promise.all([playOperator(namespace), playOperator(drills), playPlugin(), lookIntoDrill()]);
      await wait(50);
    },
  };
}

async function atticctl(...args: string[]) {
  const outside = world();
  const code = await run(["--stack", "test", ...args], outside);
  return { code, ...outside.printed };
}

describe("a full backup", () => {
  test("is taken by the API server, and followed to its end", async () => {
    const { code, stdout, stderr } = await atticctl("db", "backup", "--wait");
    expect({ code, stderr: stderr.includes("error") }).toEqual({ code: 0, stderr: false });
    expect(stdout).toContain("its id is 20261121T120000");
  });
});

describe("a drill", () => {
  test("makes what the API server takes in a restricted namespace, and leaves nothing behind", async () => {
    const before = await cluster.get<Live>(refs.cluster);
    const report = join(folder, "drill.json");
    const { code, stdout, stderr } = await atticctl("db", "drill", "--report", report);
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
    expect([...seenInDrill].sort()).toEqual([
      "Cluster attic-pg",
      "NetworkPolicy attic-pg",
      "NetworkPolicy attic-pg-jobs",
      "NetworkPolicy default-deny",
      "ObjectStore attic-pg",
    ]);
    expect(await cluster.find({ ...kinds.namespace, name: drills })).toBeUndefined();
    expect(JSON.parse(readFileSync(report, "utf8"))).toMatchObject({ passed: true, removed: true });
    expect((await cluster.get<Live>(refs.cluster)).metadata.resourceVersion).toBe(
      before.metadata.resourceVersion,
    );
  });
});

describe("a restore", () => {
  test("that is only looked at changes nothing", async () => {
    const before = { text: readFileSync(file, "utf8"), live: await cluster.get<Live>(refs.cluster) };
    const { code, stderr } = await atticctl("db", "restore", "--to", target, "--dry-run");
    expect({ code, said: code === 0 ? "" : stderr }).toEqual({ code: 0, said: "" });
    expect({ text: readFileSync(file, "utf8"), live: await cluster.get<Live>(refs.cluster) }).toEqual(before);
  });

  test("makes the database anew out of the archive, and leaves the garbage collector off", async () => {
    const { code, stdout, stderr } = await atticctl("db", "restore", "--to", target, "--yes");
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });

    const { spec } = await cluster.get<Live>(refs.cluster);
    expect(spec.bootstrap.recovery.recoveryTarget).toEqual({ targetTime: target });
    expect(spec.externalClusters[0].plugin.parameters.serverName).toBe("attic-pg");
    expect(spec.plugins[0].parameters.serverName).toBe("attic-pg-2");
    expect((await cluster.get<Live>(refs.collector)).spec.replicas).toBe(0);
    expect((await cluster.get<Live>(refs.api)).status.availableReplicas).toBeGreaterThan(0);
    expect((await cluster.get<Live>(volume(namespace))).spec.persistentVolumeReclaimPolicy).toBe("Retain");

    const text = readFileSync(file, "utf8");
    expect(text).toContain("# The database's test.");
    expect(parse(text).config["attic:database"].cloudNativePg.restore).toEqual({
      from: "attic-pg",
      serverName: "attic-pg-2",
      targetTime: target,
    });
  });

  test("leaves nothing for the next update to change", async () => {
    const { changes } = await stack.run("preview", settings, { projectDir: folder });
    expect(Object.keys(changes)).toEqual(["same"]);
  });

  test("is known to be done when it is asked for again, and starts the collector when told", async () => {
    const before = await cluster.get<Live>(refs.cluster);
    const { code, stderr } = await atticctl("db", "restore", "--to", target, "--yes", "--start-gc");
    expect({ code, said: code === 0 ? "" : stderr }).toEqual({ code: 0, said: "" });
    expect((await cluster.get<Live>(refs.cluster)).metadata.uid).toBe(before.metadata.uid);
    expect((await cluster.get<Live>(refs.collector)).spec.replicas).toBe(1);
  });
});

describe("a restore in a cluster that has nothing of the stack's workloads any more", () => {
  const command = ["db", "restore", "--latest", "--unchecked", "--from", "attic-pg-2"];
  const again = (...more: string[]) => atticctl(...command, "--server-name", "attic-pg-3", "--yes", ...more);

  test("makes all of them but the garbage collector", async () => {
    for (const ref of [refs.collector, refs.api, refs.store, refs.cluster]) await cluster.delete(ref);
    const { code, stdout, stderr } = await again();
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
    expect((await cluster.get<Live>(refs.cluster)).spec.plugins[0].parameters.serverName).toBe("attic-pg-3");
    expect(await cluster.find(refs.store)).toBeDefined();
    expect((await cluster.get<Live>(refs.api)).status.availableReplicas).toBeGreaterThan(0);
    expect(await cluster.find(refs.collector)).toBeUndefined();
  });

  test("makes that, too, when told", async () => {
    const { code, stderr } = await again("--start-gc");
    expect({ code, said: code === 0 ? "" : stderr }).toEqual({ code: 0, said: "" });
    expect((await cluster.get<Live>(refs.collector)).spec.replicas).toBe(1);
  });

  test("leaves nothing for the next update to change", async () => {
    const { changes } = await stack.run("preview", settings, { projectDir: folder });
    expect(Object.keys(changes)).toEqual(["same"]);
  });
});
