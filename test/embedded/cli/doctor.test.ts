import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { kubeconfigClusters } from "../../../cli/cluster/index.ts";
import { noState } from "../../../cli/deployments/index.ts";
import { diagnose, isWrong } from "../../../cli/doctor/diagnose.ts";
import type { Finding } from "../../../cli/doctor/finding.ts";
import { needsOf } from "../../../cli/doctor/needs.ts";
import { realOutside } from "../../../cli/doctor/outside.ts";
import { run } from "../../../cli/run.ts";
import type { World } from "../../../cli/world.ts";
import type { Settings } from "../../../config/schema/index.ts";
import { readStackFile } from "../../../config/stack-file.ts";
import {
  type ControlPlane,
  ensureControlPlane,
  stopControlPlane,
} from "../../../embedded/control-plane/index.ts";
import program from "../../../index.ts";
import { record } from "../../../render/record.ts";
import { applyObject, kubectl, kubectlOutput, sharedControlPlane } from "../../support/control-plane.ts";
import { type S3Server, s3Keys, s3Server } from "../../support/s3-server.ts";
import { image, providerSettings } from "../../support/settings.ts";
import { type TestStack, testStack } from "../../support/stack.ts";

const namespace = "doctor-test";
const account = `system:serviceaccount:default:${namespace}`;

let folder: string;
let store: S3Server;
let settings: Settings;
let stack: TestStack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "doctor-"));
  store = await s3Server(["nix-cache"]);
  stack = testStack();
  settings = {
    hostname: "nix-cache.example.com",
    image,
    namespace,
    deletionProtection: false,
    database: { cloudNativePg: { awaitReady: false, backup: { enabled: false } } },
    ingress: { awaitCertificate: false },
    objectStore: { provider: "s3", region: "eu-central-1", s3: { endpoint: store.url } },
  };
  const config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`attic:${key}`, value]));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: attic\nruntime: nodejs\n");
  writeFileSync(join(folder, "Pulumi.test.yaml"), stringify({ config: { ...providerSettings, ...config } }));
  writeFileSync(join(folder, "pulumi"), "#!/bin/sh\necho v3.270.0\n");
  chmodSync(join(folder, "pulumi"), 0o755);
});
afterAll(async () => {
  await store.close();
  stack.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A person with a kubeconfig; nothing was brought up as far as Pulumi knows. */
function worldOf(kubeconfig: string): World & { printed: string } {
  const start = performance.now();
  const world = {
    printed: "",
    env: {
      PATH: folder,
      KUBECONFIG: kubeconfig,
      NO_COLOR: "1",
      AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
    },
    cwd: folder,
    now: new Date(),
    elapsed: () => performance.now() - start,
    stdin: new PassThrough(),
    stdout: {
      write: (text: string) => {
        world.printed += text;
      },
    },
    stderr: {
      write: (text: string) => {
        world.printed += text;
      },
    },
    deployments: {
      selected: async () => undefined,
      open: async () => {
        throw noState("test");
      },
      operate: async () => {
        throw new Error("nothing is operated here");
      },
    },
    clusters: kubeconfigClusters,
    sleep: setTimeout,
  };
  return world;
}

/** Clients find an ingress that answers at once; everything else is asked for real. */
const outside = {
  ...realOutside,
  addresses: async () => ["192.0.2.7"],
  fetch: (async (input: Parameters<typeof fetch>[0], init?: RequestInit) =>
    String(input).startsWith("https://nix-cache.example.com/")
      ? new Response(undefined, { headers: { Date: new Date().toUTCString() } })
      : realOutside.fetch(input, init)) as typeof fetch,
};

const ask = async (kubeconfig: string) => {
  const diagnosis = await diagnose(worldOf(kubeconfig), { stack: "test" }, outside);
  const of = (check: string) => diagnosis.findings.find((each) => each.check === check) as Finding;
  return { diagnosis, of, wrong: diagnosis.findings.filter(({ state }) => state === "failed") };
};

/** What the program needs, as its rules in RBAC; only some resources of them. */
async function rulesFor(wanted: (resource: string) => boolean): Promise<object[]> {
  const recording = await record(program, { stack: "test", config: readStackFile(folder, "test") });
  const resources = (await kubectlOutput(["api-resources", "--no-headers", "-o", "wide"])).split("\n");
  return needsOf(recording, true).flatMap(({ apiVersion, kind, verbs }) => {
    const line = resources
      .map((each) => each.trim().split(/\s+/))
      .find((words) => words.includes(apiVersion) && words.includes(kind));
    const [name = ""] = line ?? [];
    const [group = ""] = apiVersion.includes("/") ? apiVersion.split("/") : [];
    return wanted(name) ? [{ apiGroups: [group], resources: [name], verbs }] : [];
  });
}

/** Gives the ServiceAccount these rights and no other. @returns its kubeconfig */
async function accountWith(rules: object[]): Promise<string> {
  const metadata = { name: namespace };
  await applyObject({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { ...metadata, namespace: "default" },
  });
  const rbac = "rbac.authorization.k8s.io";
  await applyObject({ apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata, rules });
  await applyObject({
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata,
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: namespace },
    subjects: [{ kind: "ServiceAccount", name: namespace, namespace: "default" }],
  });
  const token = (await kubectlOutput(["-n", "default", "create", "token", namespace])).trim();
  const config = parse(readFileSync(sharedControlPlane().kubeconfig, "utf8"));
  for (const each of config.users) each.user = { token };
  const path = join(folder, "account");
  writeFileSync(path, stringify(config));
  return path;
}

describe("on a cluster that has all", () => {
  test("an administrator finds nothing wrong before the first update", async () => {
    const { diagnosis, of, wrong } = await ask(sharedControlPlane().kubeconfig);
    expect(wrong).toEqual([]);
    expect(isWrong(diagnosis)).toBe(false);
    expect(diagnosis.findings.filter(({ state }) => state === "unseen").map(({ check }) => check)).toEqual([
      "secrets",
      "runbooks",
    ]);
    expect(of("namespace").said).toBe(`${namespace} is not there yet; the stack makes it`);
    expect(of("permissions").said).toMatch(/may do all \d+ things that an update does/);
    expect(of("bucket nix-cache").state).toBe("ok");
    expect(store.buckets.get("nix-cache")).toEqual(new Map());
  });

  test("an account with too few rights is told exactly which are missing", async () => {
    const kubeconfig = await accountWith(
      await rulesFor((resource) => !["secrets", "jobs"].includes(resource)),
    );
    const { of, wrong } = await ask(kubeconfig);
    expect(wrong.map(({ check }) => check)).toEqual(["permissions"]);
    expect(of("permissions").said).toContain(`${account} may not do`);
    expect(of("permissions").details).toEqual([
      "jobs.batch: get, create, patch, delete, list, watch",
      "secrets: get, create, patch, delete",
    ]);
    // It may not look at these, which is no fault of theirs.
    expect(of("storage").state).toBe("unseen");
  });

  describe("an account with what doctor asks for, and no more,", () => {
    let kubeconfig: string;
    beforeAll(async () => {
      kubeconfig = await accountWith(await rulesFor(() => true));
    });

    test("brings the stack up", async () => {
      expect((await ask(kubeconfig)).of("permissions").state).toBe("ok");
      await stack.run("up", settings, { env: { KUBECONFIG: kubeconfig } });
      expect((await ask(kubeconfig)).of("namespace").said).toBe(
        `${namespace} enforces Pod Security level restricted`,
      );
    });

    test("is told of a namespace whose level somebody changed", async () => {
      const label = "pod-security.kubernetes.io/enforce";
      await kubectlOutput(["label", "namespace", namespace, `${label}=baseline`, "--overwrite"]);
      expect((await ask(kubeconfig)).of("namespace")).toMatchObject({
        state: "failed",
        said: `${namespace} enforces Pod Security level baseline, not restricted`,
      });
      await kubectlOutput(["label", "namespace", namespace, `${label}=restricted`, "--overwrite"]);
    });

    test("collects garbage at once, by a Job that ends", async () => {
      const world = worldOf(kubeconfig);
      const code = await run(["--stack", "test", "gc", "run", "--wait", "2m"], world);
      expect({ code, said: world.printed }).toEqual({
        code: 0,
        said: expect.stringMatching(/garbage was collected: Job attic-gc-run-\d+ in namespace doctor-test/),
      });
      const pods = await kubectlOutput([
        ...["-n", namespace, "get", "pods", "-l", "app.kubernetes.io/name=attic-gc"],
        ...["-o", "jsonpath={range .items[*]}{.status.phase} {.spec.containers[0].args}{'\\n'}{end}"],
      ]);
      expect(pods).toContain('Succeeded ["-f","/etc/attic/server.toml","--mode","garbage-collector-once"]');
    });

    test("takes the stack away", async () => {
      await stack.run("destroy", settings, { env: { KUBECONFIG: kubeconfig } });
    });
  });

  afterAll(async () => {
    await kubectl(["delete", "clusterrolebinding,clusterrole", namespace]);
    await kubectl(["-n", "default", "delete", "serviceaccount", namespace]);
  });
});

describe("on a cluster without operators", () => {
  const stateDir = mkdtempSync(join(tmpdir(), "attic-bare-"));
  let bare: ControlPlane;
  beforeAll(async () => {
    bare = await ensureControlPlane({ stateDir, crds: false, dieWithParent: true });
  });
  afterAll(() => stopControlPlane({ stateDir, wipe: true }));

  test("each one is named with its setting, and every kind that nobody knows", async () => {
    const { of, wrong } = await ask(bare.kubeconfig);
    expect(wrong.map(({ check }) => check)).toEqual(["operators' APIs", "kinds"]);
    expect(of("operators' APIs").details).toContain(
      "v1.cert-manager.io is not there: the cluster has cert-manager, or else set attic:operators.certManager.install: true",
    );
    expect(of("kinds").details).toEqual(
      expect.arrayContaining(["Cluster of postgresql.cnpg.io/v1", "IngressRoute of traefik.io/v1alpha1"]),
    );
  });
});

test("without a cluster, that is told once, and the rest is looked at", async () => {
  const config = parse(readFileSync(sharedControlPlane().kubeconfig, "utf8"));
  for (const each of config.clusters) each.cluster.server = "https://127.0.0.1:1";
  const path = join(folder, "nowhere");
  writeFileSync(path, stringify(config));
  const { wrong, of } = await ask(path);
  expect(wrong.map(({ check }) => check)).toEqual(["cluster"]);
  expect(of("cluster").said).toContain("the API server https://127.0.0.1:1 does not answer");
  expect(of("bucket nix-cache").state).toBe("ok");
});
