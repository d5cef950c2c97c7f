import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, test } from "vitest";
import { estimate } from "../../../cost/estimate.ts";
import { readPrices } from "../../../cost/prices.ts";
import { reviewPlan } from "../../../policies/plan.ts";
import { difference } from "../../../review/difference.ts";
import { cell, fenced } from "../../../review/markdown.ts";
import { type ReportInput, report } from "../../../review/report.ts";
import { stepsOf } from "../../../review/steps.ts";
import { stackConfig } from "../../support/settings.ts";
import { type Change, event } from "./engine.ts";

const secret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};

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

describe("the report", () => {
  const prices = readPrices();
  const cost: ReportInput["cost"] = {
    currency: "USD",
    asOf: "2026-11-21",
    after: estimate(stackConfig(), prices),
  };
  const of = (events: EngineEvent[], more: Partial<ReportInput> = {}) =>
    report({ stack: "production", steps: stepsOf(events), tokens: [], cost, ...more });
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

  test("says of what is deleted that it is gone, and of what is remade alone that nothing is lost", () => {
    const type = "kubernetes:policy/v1:PodDisruptionBudget";
    const gone = of([event(type, "attic", { op: "delete", old: {} })]);
    expect(gone).toContain("| deleted | PodDisruptionBudget `attic` | ⚠️ the object; nobody has said");
    expect(gone).not.toContain("made anew");
    expect(of([event(type, "attic", { op: "replace", old: {}, new: {} })])).toContain(
      "| replaced | PodDisruptionBudget `attic` | nothing that is not made anew |",
    );
  });

  test("lists what the policies refuse, with what to do", () => {
    const refusal = {
      policy: "image-pinned",
      refuses: true,
      resource: "Deployment nix-cache/attic",
      field: 'spec.image = "attic:latest"',
      text: "moves; pin it",
    };
    const advice = { ...refusal, policy: "database-instances", refuses: false };
    const text = of([update], { policies: { count: 9, objections: [refusal, advice], open: 2 } });
    expect(text).toContain(
      '| **refused** | image-pinned | Deployment nix-cache/attic | spec.image = "attic:latest" | moves; pin it |',
    );
    expect(text).toContain("| advice | database-instances |");
    expect(text).toContain("2 judgements wait");
    expect(text).not.toContain("policies pass");
    expect(of([update], { policies: { count: 9, objections: [], open: 0 } })).toContain(
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

  test("tells which tokens rotate, and which stay", () => {
    const token = { kind: "ci", after: "2", expires: "2027-05-06", rotates: "2027-04-22" };
    const text = of([update], {
      tokens: [
        { ...token, token: "a", before: "1" },
        { ...token, token: "b", before: "2" },
        { ...token, token: "c" },
        { token: "d", kind: "ci", before: "1" },
        { ...token, token: "e", kind: "root", before: "2" },
      ],
    });
    expect(text).toContain("| `a` | ci | rotates: generation 1 → 2 | 2027-05-06 | 2027-04-22 |");
    expect(text).toContain("| `b` | ci | stays |");
    expect(text).toContain("| `c` | ci | new |");
    expect(text).toContain("| `d` | ci | gone; the token is valid until its end |");
    expect(text).toContain("| 2027-04-22, by hand |");
  });

  test("says so when the plan does not tell which tokens rotate, and nothing when there are none", () => {
    expect(of([update], { tokens: undefined })).toContain("This plan cannot tell which tokens rotate");
    expect(of([update], { tokens: [] })).not.toContain("## Tokens");
  });

  const scaled = (minReplicas: number, maxReplicas: number) =>
    estimate(stackConfig({ api: { scaling: { minReplicas, maxReplicas } } }), prices);

  test("shows the cost beside what it was, row by row", () => {
    const text = of([update], { cost: { ...cost, after: scaled(2, 10), before: scaled(2, 4) } });
    expect(text).toContain("| API, 2 to 10 pods | 6.46–12.93 | 6.46–32.32 |");
    expect(of([update], { cost: { ...cost, before: cost.after } })).toContain("as before.");
  });

  test("shows that the cost rose, when it did at the least alone", () => {
    const text = of([update], { cost: { ...cost, after: scaled(10, 10), before: scaled(3, 10) } });
    expect(text).toContain("| API, 10 to 10 pods | 9.70–32.32 | 32.32 |");
    expect(text).not.toContain("as before");
  });

  test("says why the cost is not compared, where it cannot be", () => {
    const text = of([update], { cost: { ...cost, incomparable: "There is nothing to compare it with." } });
    expect(text).toContain("2026-11-21. There is nothing to compare it with.");
    expect(of([update])).toMatch(/2026-11-21\.\n/);
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
