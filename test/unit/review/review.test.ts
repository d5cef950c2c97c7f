import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, test } from "vitest";
import { estimate } from "../../../cost/estimate.ts";
import { readPrices } from "../../../cost/prices.ts";
import { reviewPlan } from "../../../policies/plan.ts";
import { dangers } from "../../../review/dangers.ts";
import { difference } from "../../../review/difference.ts";
import { cell, fenced } from "../../../review/markdown.ts";
import { type ReportInput, report } from "../../../review/report.ts";
import { scalingChanges } from "../../../review/scaling.ts";
import { stepsOf } from "../../../review/steps.ts";
import { tokenChanges } from "../../../review/tokens.ts";
import { stackConfig } from "../../support/settings.ts";

const stackUrn = "urn:pulumi:production::attic::pulumi:pulumi:Stack::attic-production";
const urn = (type: string, name: string) => `urn:pulumi:production::attic::${type}::${name}`;
const secret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};

interface Change {
  op: string;
  old?: object;
  new?: object;
  diff?: string[];
  keys?: string[];
  parent?: string;
}

/** An event of the engine about one resource. */
function event(type: string, name: string, { op, old, new: next, diff, keys, parent = stackUrn }: Change) {
  const state = (inputs: object | undefined) =>
    inputs && { type, urn: urn(type, name), custom: true, parent, inputs };
  const detailedDiff = diff && Object.fromEntries(diff.map((path) => [path, { kind: "update" }]));
  const metadata = { op, urn: urn(type, name), type, old: state(old), new: state(next), detailedDiff, keys };
  return { resourcePreEvent: { metadata } } as unknown as EngineEvent;
}

const hpa = (minReplicas: number, maxReplicas: number) => ({
  kind: "HorizontalPodAutoscaler",
  spec: { minReplicas, maxReplicas },
});
const hpaType = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";

describe("the steps of a plan", () => {
  test("are the resources, without components, providers and what is looked up", () => {
    const component = event("attic:attic:Attic", "attic", { op: "create", new: {} });
    (component.resourcePreEvent?.metadata.new as { custom: boolean }).custom = false;
    const steps = stepsOf([
      component,
      event("pulumi:providers:aws", "default", { op: "create", new: {} }),
      event("kubernetes:apiregistration.k8s.io/v1:APIService", "traefik", { op: "read", new: {} }),
      event("kubernetes:core/v1:Service", "attic", { op: "create", new: {} }),
      { summaryEvent: {} } as unknown as EngineEvent,
    ]);
    expect(steps.map(({ name, change }) => [name, change])).toEqual([["attic", "add"]]);
  });

  test("say to which component each belongs", () => {
    const parent = "urn:pulumi:production::attic::attic:ingress:Ingress::ingress";
    const [inside] = stepsOf([event("kubernetes:core/v1:Service", "a", { op: "create", new: {}, parent })]);
    const [outside] = stepsOf([event("kubernetes:core/v1:Service", "a", { op: "create", new: {} })]);
    expect([inside?.component, outside?.component]).toEqual(["ingress", ""]);
  });

  test.each([
    ["created first", ["create-replacement", "replace", "delete-replaced"]],
    ["deleted first", ["delete-replaced", "replace", "create-replacement"]],
  ])("count a replacement once, when the new one is %s", (_, ops) => {
    const steps = stepsOf(
      ops.map((op) =>
        event("aws:s3/bucket:Bucket", "nars", { op, old: { a: 1 }, new: { a: 2 }, keys: ["a"] }),
      ),
    );
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject({ change: "replace", forces: ["a"], before: { a: 1 }, after: { a: 2 } });
  });

  test("are in the same order, whatever order the engine worked in", () => {
    const events = ["b", "a", "c"].map((name) =>
      event("kubernetes:core/v1:Service", name, { op: "create", new: {} }),
    );
    expect(stepsOf(events)).toEqual(stepsOf(events.toReversed()));
  });
});

describe("the difference of an object", () => {
  const stepOf = (change: Change) =>
    stepsOf([event("kubernetes:core/v1:ConfigMap", "c", change)])[0] as never;

  test("is what changed, with a little around it", () => {
    const text = difference(stepOf({ op: "update", old: { a: 1, b: { c: 2 } }, new: { a: 1, b: { c: 3 } } }));
    expect(text).toBe("@@ -1,3 +1,3 @@\n a: 1\n b:\n-  c: 2\n+  c: 3");
  });

  test("of a text of many lines goes by lines", () => {
    const text = difference(
      stepOf({ op: "update", old: { toml: "a = 1\nb = 2\n" }, new: { toml: "a = 1\nb = 3\n" } }),
    );
    expect(text).toContain("-  b = 2\n+  b = 3");
  });

  test("never shows a secret, and says which one changed", () => {
    const data = { stringData: secret };
    const text = difference(stepOf({ op: "update", old: data, new: data, diff: ["stringData.token"] }));
    expect(text).toBe("~ stringData.token: [secret]");
  });
});

describe("what is lost", () => {
  const lossOf = (type: string, name: string) =>
    dangers(stepsOf([event(type, name, { op: "delete", old: {} })]))[0]?.loss;

  test.each([
    ["kubernetes:postgresql.cnpg.io/v1:Cluster", "attic-pg", "the database"],
    ["aws:s3/bucket:Bucket", "nars", "the bucket"],
    ["kubernetes:core/v1:Namespace", "nix-cache", "everything in the namespace"],
    ["tls:index/privateKey:PrivateKey", "signing-key", "every token"],
    ["tls:index/privateKey:PrivateKey", "cache-main", "no longer trust what it signed"],
  ])("with a %s %s", (type, name, words) => {
    expect(lossOf(type, name)).toContain(words);
  });

  test("is nothing with what is made anew, and comes last", () => {
    const all = dangers(
      stepsOf([
        event("kubernetes:policy/v1:PodDisruptionBudget", "a", { op: "delete", old: {} }),
        event("aws:s3/bucket:Bucket", "nars", { op: "replace", old: {}, new: {} }),
        event("kubernetes:core/v1:Service", "kept", { op: "same", old: {}, new: {} }),
      ]),
    );
    expect(all.map(({ step, loss }) => [step.name, loss !== ""])).toEqual([
      ["nars", true],
      ["a", false],
    ]);
  });
});

test("scaling is the numbers that changed, and no others", () => {
  const steps = stepsOf([event(hpaType, "attic", { op: "update", old: hpa(2, 10), new: hpa(3, 10) })]);
  expect(scalingChanges(steps)).toEqual([
    { object: "HorizontalPodAutoscaler attic", field: "replicas at least", before: "2", after: "3" },
  ]);
});

describe("tokens", () => {
  const rules = (generation: string, expiry: number) => ({
    spec: {
      groups: [
        {
          rules: [
            {
              record: "attic_token_expiry_timestamp_seconds",
              expr: `vector(${expiry})`,
              labels: { token: "gitlab", kind: "ci", generation },
            },
          ],
        },
      ],
    },
  });
  const type = "kubernetes:monitoring.coreos.com/v1:PrometheusRule";
  const changes = (change: Change) => tokenChanges(stepsOf([event(type, "attic-tokens", change)]));

  test("that rotate are told with both generations and the new end", () => {
    const rotated = changes({ op: "update", old: rules("1", 0), new: rules("2", 1_809_589_800) });
    expect(rotated).toEqual([
      { token: "gitlab", kind: "ci", before: "1", after: "2", expires: "2027-05-06", rotates: undefined },
    ]);
  });

  test("that are gone, new, or not known yet are told, too", () => {
    expect(changes({ op: "delete", old: rules("1", 0) })[0]).toMatchObject({ before: "1", after: undefined });
    expect(changes({ op: "create", new: rules("1", 0) })[0]).toMatchObject({ before: undefined, after: "1" });
    expect(changes({ op: "create", new: { spec: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } })).toEqual([]);
  });
});

describe("the report", () => {
  const prices = readPrices();
  const cost: ReportInput["cost"] = {
    currency: "USD",
    asOf: "2026-11-21",
    after: estimate(stackConfig(), prices),
  };
  const of = (events: EngineEvent[], more: Partial<ReportInput> = {}) =>
    report({ stack: "production", steps: stepsOf(events), cost, ...more });
  const update = event(hpaType, "attic", { op: "update", old: hpa(2, 10), new: hpa(3, 10) });
  const removal = event("aws:s3/bucket:Bucket", "nars", { op: "delete", old: { bucket: "nix-cache" } });

  test("says first what is deleted and replaced", () => {
    const text = of([update, removal]);
    expect(text).toContain("**1 deleted, 1 changed.**");
    expect(text).toContain("| deleted | Bucket `nars` | ⚠️ the bucket: all that it holds |");
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(headings).toEqual(["Deleted and replaced", "Policies", "By component", "How much runs", "Cost"]);
  });

  test("says so when nothing is lost, and when nothing changes", () => {
    expect(of([update])).toContain("**1 changed.** Nothing is deleted or replaced.");
    const kept = event(hpaType, "attic", { op: "same", old: hpa(2, 10), new: hpa(2, 10) });
    expect(of([kept])).toContain("**Nothing changes.** All 1 objects stay as they are.");
    expect(of([kept])).not.toContain("<details>");
  });

  test("lists what the policies refuse, with what to do", () => {
    const finding = {
      policy: "image-pinned",
      level: "mandatory" as const,
      resource: "Deployment nix-cache/attic",
      urn: "",
      field: "spec.image",
      found: '"attic:latest"',
      problem: "moves",
      fix: "pin it",
    };
    const review = { findings: [finding], open: [], unusedExceptions: [] };
    const text = of([update], { policies: { count: 9, review } });
    expect(text).toContain(
      '| **refused** | image-pinned | Deployment nix-cache/attic | spec.image = "attic:latest"',
    );
    expect(of([update], { policies: { count: 9, review: { ...review, findings: [] } } })).toContain(
      "All 9 policies pass.",
    );
    expect(of([update])).toContain("None were asked.");
  });

  test("says what must not be done, before what the policies say", () => {
    const { findings } = reviewPlan(
      [removal].flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []),
    );
    const text = of([removal], { plan: findings });
    expect(text).toContain("## Must not be done");
    expect(text).toContain("| no-loss | Bucket nars |");
    expect(text.indexOf("Must not be done")).toBeLessThan(text.indexOf("## Policies"));
    expect(of([removal])).not.toContain("Must not be done");
  });

  test("shows the cost beside what it was, row by row", () => {
    const before = estimate(stackConfig({ api: { scaling: { maxReplicas: 4 } } }), prices);
    const text = of([update], { cost: { ...cost, before } });
    expect(text).toMatch(/\| API, 2 to (4|10) pods \| 12\.93 \| 32\.32 \|/);
    expect(of([update], { cost: { ...cost, before: cost.after } })).toContain("as before.");
  });

  test("folds the whole difference away", () => {
    expect(of([update])).toMatch(
      /<details>\n<summary>All 1 differences<\/summary>[\s\S]*```diff[\s\S]*<\/details>/,
    );
  });

  test("is the same text for the same plan, in whatever order it came", () => {
    expect(of([update, removal])).toBe(of([removal, update]));
  });

  test("has no secret in it", () => {
    const old = { data: secret };
    const text = of([
      event("kubernetes:core/v1:Secret", "s", { op: "update", old, new: old, diff: ["data.x"] }),
    ]);
    expect(text).toContain("~ data.x: [secret]");
    expect(text).not.toContain("ciphertext");
  });
});

describe("Markdown", () => {
  test("is not broken by what stands in a cell or in code", () => {
    expect(cell("a|b\n  <c>")).toBe("a\\|b &lt;c>");
    expect(fenced("diff", "````")).toBe("`````diff\n````\n`````");
  });
});
