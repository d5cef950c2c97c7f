import { describe, expect, test } from "vitest";
import { message } from "../../../policies/framework/message.ts";
import type { Finding } from "../../../policies/framework/review.ts";
import { objections } from "../../../review/policies.ts";
import { review } from "../../../review/review.ts";
import { event, policyEvent, stackUrn, urn } from "./engine.ts";

const deployment = urn("kubernetes:apps/v1:Deployment", "attic");
const finding: Finding = {
  policy: "image-pinned",
  level: "mandatory",
  resource: "Deployment nix-cache/attic",
  urn: deployment,
  field: "spec.image",
  found: '"attic:latest"',
  problem: "moves",
  fix: "pin it",
};
const description = "Images are pinned.";
const told = (more: Partial<Finding> = {}) => `${description}\n${message({ ...finding, ...more })}`;
const again = { policy: "image-pinned", urn: deployment };

describe("what policies have against a stack", () => {
  test("is what they found in its recording", () => {
    expect(objections([finding], [])).toEqual([
      {
        policy: "image-pinned",
        refuses: true,
        resource: "Deployment nix-cache/attic",
        field: 'spec.image = "attic:latest"',
        text: "moves; pin it",
      },
    ]);
  });

  test("is what they told the engine, too, on one line and without its marks for colours", () => {
    expect(objections([], [policyEvent({ ...again, message: `<{%reset%}>${told()}<{%reset%}>\n` })])).toEqual(
      [
        {
          policy: "image-pinned",
          refuses: true,
          resource: "Deployment attic",
          field: "",
          text: 'Images are pinned. Deployment nix-cache/attic spec.image: "attic:latest"; moves; pin it',
        },
      ],
    );
  });

  test("is told once when both found it, and when the engine says it twice", () => {
    const twice = policyEvent({ ...again, message: told() });
    expect(objections([finding], [twice])).toHaveLength(1);
    expect(objections([], [twice, twice])).toHaveLength(1);
  });

  test("is told once of a resource whose URN in a recording knows the nearest parent alone", () => {
    const nested = urn(
      "attic:attic:Attic$attic:kubernetes:Autoscaled$kubernetes:apps/v1:Deployment",
      "attic",
    );
    const recorded = urn("attic:kubernetes:Autoscaled$kubernetes:apps/v1:Deployment", "attic");
    const event = policyEvent({ ...again, urn: nested, message: told() });
    expect(objections([{ ...finding, urn: recorded }], [event])).toHaveLength(1);
  });

  test("is told once of the stack as a whole, which the engine calls by its URN", () => {
    const whole = { urn: "", resource: "" };
    const event = policyEvent({ policy: "image-pinned", message: told(whole) });
    expect(objections([{ ...finding, ...whole }], [event])).toHaveLength(1);
    expect(objections([{ ...finding, ...whole, urn: stackUrn }], [event])).toHaveLength(1);
    expect(objections([], [event])[0]?.resource).toBe("");
  });

  test.each([
    ["policy", { policy: "image-digest" }],
    ["resource", { urn: urn("kubernetes:apps/v1:Deployment", "attic-gc") }],
    ["reason", { message: told({ problem: "is not ours" }) }],
    ["pack", { pack: "company" }],
  ])("is told apart by its %s", (_, differs) => {
    const other = policyEvent({ ...again, message: told(), ...differs });
    expect(objections([finding], [other])).toHaveLength(2);
  });

  test("names the pack of a policy that is not one of ours", () => {
    const other = policyEvent({ policy: "tagged", pack: "company", message: "no tags" });
    expect(objections([], [other])[0]?.policy).toBe("company/tagged");
  });

  test("is advice where a policy only advises", () => {
    const advice = policyEvent({ ...again, message: told(), enforcementLevel: "advisory" });
    expect(objections([{ ...finding, level: "advisory" }], [])[0]?.refuses).toBe(false);
    expect(objections([], [advice])[0]?.refuses).toBe(false);
  });
});

describe("a review", () => {
  const folder = new URL("../../..", import.meta.url).pathname;
  const now = new Date("2026-11-21T08:00:00Z");
  const kept = event("kubernetes:core/v1:Service", "attic", { op: "same", old: {}, new: {} });
  const of = (...events: Parameters<typeof objections>[1]) =>
    review({ stack: "production", folder, now, events: [kept, ...events] });

  test("passes when no policy objects", async () => {
    const { text, refused } = await of();
    expect([refused, text]).toEqual([false, expect.stringMatching(/All \d+ policies pass\./)]);
  });

  test("refuses when a policy refused in the engine, though none does by the recording", async () => {
    const { text, refused } = await of(
      policyEvent({ policy: "no-plain-secrets", urn: deployment, message: "a key in plain sight" }),
    );
    expect([refused, text]).toEqual([true, expect.stringContaining("| **refused** | no-plain-secrets |")]);
    expect(text).not.toMatch(/policies pass/);
  });

  test("tells what a policy advised the engine, and refuses nothing for it", async () => {
    const advice = { policy: "no-plain-secrets", message: "look again", enforcementLevel: "advisory" };
    const { text, refused } = await of(policyEvent(advice));
    expect([refused, text]).toEqual([false, expect.stringContaining("| advice | no-plain-secrets |")]);
  });
});
