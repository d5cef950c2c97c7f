import { describe, expect, test } from "vitest";
import { policies } from "../../../policies/all.ts";
import { exceptionsIn, planExceptions, stackSettings } from "../../../policies/stack-settings.ts";

describe("a stack's settings", () => {
  test("are those of its file", () => {
    expect(stackSettings(policies, "staging")).toMatchObject({ "database-instances": { least: 2 } });
  });

  test.each([undefined, "unheard-of", "../config/staging", ""])("of %s are none", (stack) => {
    expect(stackSettings(policies, stack)).toEqual({});
  });

  test("that a policy does not have are refused by the file's name", () => {
    expect(() => stackSettings([], "staging")).toThrow(
      "policies/config/staging.json: the configuration of the policies is wrong:\n  autoscaler-bounds is no policy",
    );
  });
});

describe("what is excepted from the rules over plans", () => {
  const bucket = { "Bucket/nars": "was moved to another account" };

  test("is read beside the policies' settings", () => {
    const settings = { "one-image": "advisory", "no-loss": { except: bucket }, all: "mandatory" } as const;
    expect(exceptionsIn(settings)).toEqual({ "no-loss": bucket });
  });

  test.each([undefined, "unheard-of"])("is nothing of stack %s", (stack) => {
    expect(planExceptions(stack)).toEqual({});
  });

  test("needs a reason, and nothing else can be set", () => {
    expect(() =>
      exceptionsIn({ "no-loss": { except: { "Bucket/nars": "moved" } }, "no-shrinking": "disabled" }),
    ).toThrow(
      "no-loss.except.Bucket/nars needs the reason, in ten letters at least\n" +
        "no-shrinking.enforcementLevel is no setting; there is except",
    );
  });
});

test("every policy has a name of its own and says in one line what must be so", () => {
  expect(new Set(policies.map(({ name }) => name)).size).toBe(policies.length);
  for (const { name, description } of policies) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(description).toMatch(/^[A-Z][^\n]{10,130}\.$/);
  }
});
