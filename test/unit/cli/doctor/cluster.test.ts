import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../cli/cluster/index.ts";
import {
  askSelf,
  checkApis,
  checkClock,
  checkMetrics,
  checkNamespace,
  checkStorage,
  checkVersion,
} from "../../../../cli/doctor/cluster.ts";
import { leastKubernetes, needsOf } from "../../../../cli/doctor/needs.ts";
import { checkAdministrator, checkKinds, checkPermissions } from "../../../../cli/doctor/permissions.ts";
import { atLeast, checkNode } from "../../../../cli/doctor/project.ts";
import type { RecordedResource } from "../../../../render/record.ts";
import { stackConfig } from "../../../support/settings.ts";
import { fakeCluster } from "../cluster.ts";

const now = new Date("2026-11-21T12:00:00Z");
const object = (kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name },
  ...more,
});
const available = (name: string, status = "True", message = "") =>
  object("APIService", name, { status: { conditions: [{ type: "Available", status, message }] } });
const resource = (type: string, inputs: object): RecordedResource => ({
  urn: "",
  type,
  name: "",
  parent: "",
  custom: true,
  inputs: inputs as Record<string, unknown>,
  dependsOn: [],
  protect: false,
});

describe("versions", () => {
  test.each([
    ["v1.36.3", "1.30", true],
    ["v1.30.0-eks-1a2b", "1.30", true],
    ["v1.29.9", "1.30", false],
    ["22.18.0", "22.18", true],
    ["22.9.9", "22.18", false],
    ["24.0.0", "22.18", true],
  ])("%s is %s or newer: %s", (version, least, expected) => {
    expect(atLeast(version, least)).toBe(expected);
  });

  test("of Node are held against package.json", () => {
    expect(checkNode("22.18.0").state).toBe("ok");
    expect(checkNode("20.1.0")).toMatchObject({ state: "failed", said: "20.1.0 is too old" });
  });

  test("of Kubernetes are held against what the manifests use", async () => {
    const of = (inputs: object) =>
      leastKubernetes({ resources: [resource("kubernetes:apps/v1:Deployment", inputs)] });
    expect(of({ lifecycle: { preStop: { sleep: { seconds: 5 } } } })).toBe("1.30");
    expect(of({ spec: { podReplacementPolicy: "Failed" } })).toBe("1.29");
    expect(of({})).toBe("1.23");
    expect((await checkVersion(fakeCluster(), "1.30")).state).toBe("ok");
    expect(await checkVersion(fakeCluster(), "1.37")).toMatchObject({
      state: "failed",
      said: expect.stringContaining("the manifests need 1.37 or newer"),
    });
  });
});

describe("the clock", () => {
  test.each([
    [0, "ok"],
    [60, "ok"],
    [-60, "ok"],
    [61, "failed"],
    [-61, "failed"],
  ])("that differs by %d s is %s", (seconds, state) => {
    const theirs = new Date(now.getTime() + seconds * 1000);
    expect(checkClock("clock", "the API server", theirs, now).state).toBe(state);
  });

  test("is told by how much it is off, and which way", () => {
    const said = (seconds: number) =>
      checkClock("clock", "the ingress", new Date(now.getTime() + seconds * 1000), now).said;
    expect(said(300)).toBe("the ingress is 5 min ahead of this machine");
    expect(said(-7_200)).toBe("the ingress is 2 h behind this machine");
  });

  test("that is not told was not seen", () => {
    expect(checkClock("clock", "the ingress", new Date(Number.NaN), now).state).toBe("unseen");
  });

  test("of the API server comes with who asks", async () => {
    const create = async () =>
      ({
        ...object("SelfSubjectReview", ""),
        metadata: { creationTimestamp: "2026-11-21T12:00:00Z" },
        status: { userInfo: { username: "ann" } },
      }) as never;
    expect(await askSelf({ ...fakeCluster(), create })).toEqual({ name: "ann", time: now });
  });
});

describe("operators", () => {
  const expected = [
    { api: "v1.cert-manager.io", lookUp: "the cluster has cert-manager, or else set x" },
    { api: "v1alpha1.traefik.io", lookUp: "the cluster has Traefik, or else set y" },
  ];

  test("that are there are named", async () => {
    const objects = expected.map(({ api }) => available(api));
    expect(await checkApis(fakeCluster({ objects }), expected)).toEqual({
      check: "operators' APIs",
      state: "ok",
      said: "v1.cert-manager.io, v1alpha1.traefik.io",
    });
  });

  test.each([
    ["is missing", []],
    ["does not answer", [available("v1alpha1.traefik.io", "False")]],
  ])("one that %s is wrong, with its setting", async (_, more) => {
    const finding = await checkApis(
      fakeCluster({ objects: [available("v1.cert-manager.io"), ...more] }),
      expected,
    );
    expect(finding).toMatchObject({
      state: "failed",
      details: ["v1alpha1.traefik.io is not there: the cluster has Traefik, or else set y"],
    });
  });

  test("that this person may not look for were not seen", async () => {
    const cluster = fakeCluster({ forbidden: ["APIService"] });
    expect(await checkApis(cluster, expected)).toMatchObject({
      state: "unseen",
      said: 'User "ann" cannot get APIService',
    });
  });
});

describe("the namespace", () => {
  const of = (labels: Record<string, string>) =>
    checkNamespace(
      fakeCluster({
        objects: [
          object("Namespace", "nix-cache", {
            metadata: { name: "nix-cache", namespace: "nix-cache", labels },
          }),
        ],
      }),
    );

  test("may be missing: the stack makes it", async () => {
    expect(await checkNamespace(fakeCluster())).toMatchObject({ state: "ok" });
  });

  test.each([
    [{ "pod-security.kubernetes.io/enforce": "restricted" }, "ok"],
    [{ "pod-security.kubernetes.io/enforce": "baseline" }, "failed"],
    [{}, "failed"],
  ])("with %j is %s", async (labels, state) => {
    expect((await of(labels)).state).toBe(state);
  });
});

describe("the metrics API", () => {
  const name = "v1beta1.metrics.k8s.io";

  test("is there, is missing, or does not answer", async () => {
    expect((await checkMetrics(fakeCluster({ objects: [available(name)] }))).state).toBe("ok");
    expect(await checkMetrics(fakeCluster())).toMatchObject({
      state: "failed",
      said: "the cluster has none",
    });
    const silent = fakeCluster({ objects: [available(name, "False", "no endpoints")] });
    expect(await checkMetrics(silent)).toMatchObject({
      state: "failed",
      said: "it does not answer: no endpoints",
    });
  });
});

describe("storage", () => {
  const own = (storageClass?: string) =>
    stackConfig({
      database: {
        cloudNativePg: { backup: { enabled: false }, ...(storageClass && { storage: { storageClass } }) },
      },
    });
  const standard = (isDefault: string) =>
    object("StorageClass", "standard", {
      metadata: {
        name: "standard",
        annotations: { "storageclass.kubernetes.io/is-default-class": isDefault },
      },
    });

  test.each([
    [undefined, "true", "ok", "StorageClass standard is the default"],
    [undefined, "false", "failed", "no StorageClass is the default"],
    ["standard", "false", "ok", "StorageClass standard is there"],
    ["fast", "true", "failed", "there is no StorageClass fast"],
  ])("%s, where standard is the default: %s", async (wanted, isDefault, state, said) => {
    expect(await checkStorage(fakeCluster({ objects: [standard(isDefault)] }), own(wanted))).toMatchObject({
      state,
      said,
    });
  });

  test("is not needed for a database elsewhere", async () => {
    expect((await checkStorage(fakeCluster({ forbidden: ["StorageClass"] }), stackConfig())).state).toBe(
      "ok",
    );
  });
});

describe("what an update needs", () => {
  const resources = [
    resource("kubernetes:apps/v1:Deployment", { apiVersion: "apps/v1", kind: "Deployment" }),
    resource("kubernetes:core/v1:Secret", { apiVersion: "v1", kind: "Secret" }),
    resource("kubernetes:core/v1:Secret", { apiVersion: "v1", kind: "Secret" }),
    resource("kubernetes:postgresql.cnpg.io/v1:Cluster", {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Cluster",
      metadata: { annotations: { "pulumi.com/waitFor": "condition=Ready" } },
    }),
    resource("aws:s3/bucket:Bucket", {}),
    resource("kubernetes:helm.sh/v3:Release", {}),
  ];
  const own = ["get", "create", "patch", "delete"];
  const needs = needsOf({ resources }, true);

  test("is told by the objects: each kind once, and what it waits for", () => {
    expect(needs).toEqual([
      { apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", verbs: ["get"] },
      { apiVersion: "apps/v1", kind: "Deployment", verbs: [...own, "list", "watch"] },
      { apiVersion: "apps/v1", kind: "ReplicaSet", verbs: ["get", "list", "watch"] },
      { apiVersion: "v1", kind: "Pod", verbs: ["get", "list", "watch"] },
      { apiVersion: "v1", kind: "PersistentVolumeClaim", verbs: ["get", "list", "watch"] },
      { apiVersion: "v1", kind: "Secret", verbs: own },
      { apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", verbs: [...own, "list", "watch"] },
    ]);
    expect(needsOf({ resources: [] }, false)).toEqual([]);
  });

  const list = (...kinds: [string, string, boolean][]) => ({
    resources: kinds.flatMap(([kind, name, namespaced]) => [
      { kind, name: `${name}/status`, namespaced },
      { kind, name, namespaced },
    ]),
  });
  const raw = {
    "/apis/apiregistration.k8s.io/v1": list(["APIService", "apiservices", false]),
    "/apis/apps/v1": list(["Deployment", "deployments", true], ["ReplicaSet", "replicasets", true]),
    "/api/v1": list(
      ["Pod", "pods", true],
      ["PersistentVolumeClaim", "persistentvolumeclaims", true],
      ["Secret", "secrets", true],
    ),
  };

  test("is asked for verb by verb, of the kinds that the cluster knows", async () => {
    const asked: string[] = [];
    const cluster = fakeCluster({
      raw,
      may: ({ verb, resource, group, namespace }) => {
        asked.push(`${verb} ${resource}.${group} ${namespace ?? ""}`);
        return resource !== "secrets" && !(resource === "deployments" && verb === "patch");
      },
    });
    const { finding, resources } = await checkKinds(cluster, needs);
    expect(finding).toMatchObject({ state: "failed", details: ["Cluster of postgresql.cnpg.io/v1"] });
    expect(await checkPermissions(cluster, "ann", resources)).toMatchObject({
      state: "failed",
      said: "ann may not do 5 of 20 things that an update does",
      details: ["deployments.apps: patch", "secrets: get, create, patch, delete"],
    });
    expect(asked).toContain("get apiservices.apiregistration.k8s.io *");
    expect(asked).toContain("create secrets. ");
    expect(asked).toHaveLength(20);
  });

  test("to install operators is everything", async () => {
    expect((await checkAdministrator(fakeCluster(), ["traefik"])).state).toBe("ok");
    expect(
      await checkAdministrator(fakeCluster({ may: () => false }), ["traefik", "cert-manager"]),
    ).toMatchObject({
      state: "failed",
      said: "the stack installs traefik, cert-manager, which takes an administrator of the cluster",
    });
  });
});
