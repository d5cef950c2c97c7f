import { beforeAll, describe, expect, test } from "vitest";
import { renderProgress } from "../../../embedded/toolchain/index.ts";
import { exceptions, reckon } from "../../../judges/exceptions.ts";
import type { Finding, Judgement } from "../../../judges/finding.ts";
import { kubeScoreBinary } from "../../../judges/kube-score/binary.ts";
import { kubeScore } from "../../../judges/kube-score/scan.ts";
import { emittedManifests, type JudgedObject } from "../../../judges/manifests.ts";
import { subjects } from "../../../judges/subjects.ts";
import { trivyBinary } from "../../../judges/trivy/binary.ts";
import { trivy } from "../../../judges/trivy/scan.ts";

const now = new Date("2026-11-21T08:00:00Z");

const claimed = exceptions();

type Judge = (objects: readonly JudgedObject[]) => Promise<Judgement>;
const judges: Record<"kube-score" | "trivy", Judge | undefined> = {
  "kube-score": undefined,
  trivy: undefined,
};

beforeAll(async () => {
  const { listener, end } = renderProgress();
  try {
    const [score, checks] = [await kubeScoreBinary(listener), await trivyBinary(listener)];
    judges["kube-score"] = (objects) => kubeScore(score, objects);
    judges.trivy = (objects) => trivy(checks, objects);
  } finally {
    end();
  }
});

/** What a judge says of objects. */
function ask(name: keyof typeof judges, objects: readonly JudgedObject[]): Promise<Judgement> {
  const judge = judges[name];
  if (!judge) throw new Error(`${name} was not built`);
  return judge(objects);
}

/** Whether an object is one of those that a check named it for. */
const against = (findings: readonly Finding[], object: string) =>
  findings.filter((finding) => finding.object === object).map(({ check }) => check);

/** A pod as nobody should run it. */
const careless: JudgedObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "careless", namespace: "default" },
  spec: {
    hostNetwork: true,
    containers: [{ name: "careless", image: "nginx:latest", securityContext: { privileged: true } }],
  },
};

describe.each(["kube-score", "trivy"] as const)("%s", (name) => {
  const found: Finding[] = [];

  test.each(subjects)(
    "has nothing against the objects of $subject that is not explained",
    async ({ stack, settings }) => {
      const { passed, findings } = await ask(name, await emittedManifests(stack, now, settings));
      found.push(...findings);
      expect(passed).toBeGreaterThan(50);
      expect(reckon(findings, claimed).unexplained).toEqual([]);
    },
  );

  test("is not excepted from anything that it does not say", () => {
    const own = claimed.filter(({ scanner }) => scanner === name);
    expect(own).not.toEqual([]);
    expect(reckon(found, own).unused).toEqual([]);
  });

  test("does have something against a careless pod", async () => {
    const { findings } = await ask(name, [careless]);
    const expected = {
      "kube-score": ["container-security-context-privileged", "container-image-tag", "container-resources"],
      trivy: ["AVD-KSV-0009", "AVD-KSV-0017", "AVD-KSV-0013"],
    };
    expect(against(findings, "Pod/careless")).toEqual(expect.arrayContaining(expected[name]));
  });

  test.each<[string, string, (deployment: JudgedObject) => unknown, Record<typeof name, string>]>([
    [
      "a root file system that can be written",
      "Deployment/attic",
      (d) => (container(d).securityContext.readOnlyRootFilesystem = false),
      { "kube-score": "container-security-context-readonlyrootfilesystem", trivy: "AVD-KSV-0014" },
    ],
    [
      "a missing memory limit",
      "Deployment/attic-gc",
      (d) => delete container(d).resources.limits.memory,
      { "kube-score": "container-resources", trivy: "AVD-KSV-0018" },
    ],
  ])("sees %s in an emitted object", async (_, object, change, checks) => {
    const objects = structuredClone(await emittedManifests("production", now));
    const changed = objects.find(({ kind, metadata }) => `${kind}/${metadata.name}` === object);
    if (!changed) throw new Error(`production has no ${object}`);
    change(changed);
    const { findings } = await ask(name, objects);
    const { unexplained } = reckon(findings, claimed);
    expect(against(unexplained, object)).toContain(checks[name]);
  });
});

interface Container {
  securityContext: { readOnlyRootFilesystem: boolean };
  resources: { limits: { memory?: string } };
}

/** The one container of a workload's pods. */
function container(workload: JudgedObject): Container {
  const { template } = workload.spec as { template: { spec: { containers: Container[] } } };
  const [only] = template.spec.containers;
  if (!only) throw new Error(`${workload.metadata.name} has no container`);
  return only;
}
