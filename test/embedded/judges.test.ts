import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emittedManifests, type JudgedObject } from "../../judges/manifests.ts";
import { subjects } from "../../judges/subjects.ts";
import { applyObject, type CommandResult, kubectl } from "../support/control-plane.ts";

const now = new Date("2026-11-21T08:00:00Z");

/**
 * Has the API server check objects as if it kept them: defaults, schemas, CEL rules, quantities, Pod Security. They
 * are given one by one: the fields of a List are checked by kubectl itself, against less than the server knows.
 */
const admit = (items: readonly JudgedObject[]): Promise<CommandResult> =>
  kubectl(
    ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-o", "name", "-f", "-"],
    items.map((item) => JSON.stringify(item)).join("\n---\n"),
  );

interface Workload {
  template?: { metadata: object; spec: object };
}

/** The pod that a workload would make, if it is one. */
function podOf({ kind, metadata, spec }: JudgedObject): JudgedObject | undefined {
  const { jobTemplate, ...rest } = (spec ?? {}) as Workload & { jobTemplate?: { spec: Workload } };
  const { template } = jobTemplate?.spec ?? rest;
  if (!template || !["Deployment", "Job", "CronJob"].includes(kind)) return undefined;
  const { name, namespace } = metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...template.metadata, name: `${kind.toLowerCase()}-${name}`, namespace },
    spec: template.spec,
  };
}

/** The one object of a kind and a name. */
function pick(objects: readonly JudgedObject[], kind: string, name: string): JudgedObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return structuredClone(found);
}

/** What is wrong, in which object, how it is made so, and what the API server says of it. */
const mistakes: [string, string, string, (spec: Record<string, unknown>) => void, RegExp][] = [
  [
    "an unknown field",
    "Deployment",
    "attic",
    (s) => (s.replica = 2),
    /[.]spec[.]replica: field not declared in schema/,
  ],
  [
    "an unknown field",
    "IngressRoute",
    "attic",
    (s) => (s.entrypoints = []),
    /[.]spec[.]entrypoints: field not declared/,
  ],
  ["a number that is text", "Cluster", "attic-pg", (s) => (s.instances = "three"), /spec[.]instances/],
  [
    "a missing field",
    "Certificate",
    "attic",
    (s) => delete s.secretName,
    /spec[.]secretName: Required value/,
  ],
  [
    "an autoscaler that cannot scale",
    "HorizontalPodAutoscaler",
    "attic",
    (s) => (s.maxReplicas = 0),
    /spec[.]maxReplicas: Invalid value/,
  ],
];

describe.each(subjects)("the API server, asked about $subject", async ({ stack, settings }) => {
  // Each stack in a namespace of its own: the stack's own, with its labels, under another name.
  const namespace = `judged-${randomBytes(4).toString("hex")}`;
  const emitted = await emittedManifests(stack, now, settings);
  const objects = emitted.map((object) =>
    object.kind === "Namespace"
      ? { ...object, metadata: { ...object.metadata, name: namespace } }
      : { ...object, metadata: { ...object.metadata, namespace } },
  );
  const pods = objects.map(podOf).filter((pod) => pod !== undefined);

  beforeAll(async () => {
    await applyObject(objects.find(({ kind }) => kind === "Namespace") ?? {});
    // No pod is admitted without its ServiceAccount.
    for (const object of objects.filter(({ kind }) => kind === "ServiceAccount")) await applyObject(object);
  });
  afterAll(async () => {
    await kubectl(["delete", "namespace", namespace, "--wait=false"]);
  });

  test("takes every object as it is, knows every field, and warns of none", async () => {
    const { code, stdout, stderr } = await admit(objects);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(emitted.length);
  });

  test("takes the pods of every workload in a namespace that enforces `restricted`", async () => {
    const { code, stderr } = await admit(pods);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(pods.length).toBeGreaterThanOrEqual(3);
  });

  test("does not take such a pod without what the level asks for", async () => {
    const [pod] = structuredClone(pods);
    if (!pod) throw new Error("no pod");
    (pod.spec as { securityContext: { seccompProfile?: object } }).securityContext.seccompProfile = undefined;
    const { code, stderr } = await admit([pod]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/violates PodSecurity "restricted:latest": seccompProfile/);
  });

  // A stack on an external database has no Cluster to make a mistake in.
  const there = mistakes.filter(([, kind]) => objects.some((object) => object.kind === kind));
  test.each(there)("does not take %s in %s/%s", async (_, kind, name, change, complaint) => {
    const changed = pick(objects, kind, name);
    change(changed.spec as Record<string, unknown>);
    const { code, stderr } = await admit([changed]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(complaint);
  });
});
