import { describe, expect, test } from "vitest";
import { assertNotFrozen, freezeOf } from "../../../../cli/delivery/freeze.ts";
import type { CliError } from "../../../../cli/errors.ts";

const now = new Date("2026-11-21T12:00:00Z");
const full = {
  DEPLOYMENT_FREEZE: "true",
  FREEZE_REASON: "the end of the quarter",
  FREEZE_CONTACT: "#platform",
  FREEZE_UNTIL: "2026-11-24T08:00Z",
};

/** What stops a command. */
function refusal(
  env: NodeJS.ProcessEnv,
  ...rest: [Parameters<typeof assertNotFrozen>[1], string?]
): CliError {
  try {
    assertNotFrozen({ env, now }, ...rest);
  } catch (error) {
    return error as CliError;
  }
  throw new Error("it let the command pass");
}

describe("what freezes", () => {
  test.each(["true", "TRUE", "1", "yes", " true\n"])("DEPLOYMENT_FREEZE=%j, without a word more", (value) => {
    expect(freezeOf({ DEPLOYMENT_FREEZE: value }, now)).toMatchObject({ oddities: [] });
  });

  test.each([undefined, "", "false", "False", "0", "no", "off", " "])("not DEPLOYMENT_FREEZE=%j", (value) => {
    expect(freezeOf({ DEPLOYMENT_FREEZE: value }, now)).toBeUndefined();
  });

  test.each(["ture", "on!", "fasle", "null", "-", "{}"])("a typo such as %j, which is told", (value) => {
    expect(freezeOf({ DEPLOYMENT_FREEZE: value }, now)?.oddities).toEqual([
      `DEPLOYMENT_FREEZE is "${value}": neither true nor false, so taken for true`,
    ]);
  });

  test.each(["true", "", "false", "0"])("GitLab's own period, whatever CI_DEPLOY_FREEZE is: %j", (value) => {
    const freeze = freezeOf({ CI_DEPLOY_FREEZE: value, DEPLOYMENT_FREEZE: "false" }, now);
    expect(freeze?.setBy).toContain("CI_DEPLOY_FREEZE, a freeze period of the GitLab project");
  });

  test("who, why and until when are those of the variables", () => {
    expect(freezeOf(full, now)).toEqual({
      setBy: "DEPLOYMENT_FREEZE=true",
      reason: "the end of the quarter",
      contact: "#platform",
      until: new Date("2026-11-24T08:00Z"),
      oddities: [],
    });
  });

  test("until its end, and not a moment longer", () => {
    expect(freezeOf(full, new Date("2026-11-24T07:59:59Z"))).toBeDefined();
    expect(freezeOf(full, new Date("2026-11-24T08:00:00Z"))).toBeUndefined();
  });

  test("an end of our own does not end GitLab's period", () => {
    const late = new Date("2027-01-01T00:00:00Z");
    expect(freezeOf({ ...full, CI_DEPLOY_FREEZE: "true" }, late)).toMatchObject({ until: undefined });
  });

  test("without an end, where the end is no time", () => {
    const freeze = freezeOf({ ...full, FREEZE_UNTIL: "monday" }, new Date("2036-01-01"));
    expect(freeze).toMatchObject({ until: undefined });
    expect(freeze?.oddities).toEqual(['FREEZE_UNTIL is no time but "monday": the freeze has no end']);
  });
});

describe("a command that would change a stack", () => {
  test("passes when nothing is frozen, with or without an override", () => {
    expect(assertNotFrozen({ env: {}, now }, "deploy")).toBeUndefined();
    expect(assertNotFrozen({ env: {}, now }, "rollback", "for luck")).toBeUndefined();
  });

  test.each(["deploy", "rollback", "revoke"] as const)(
    "is stopped with why, whom to ask and until when: %s",
    (kind) => {
      const { exitCode, message } = refusal(full, kind);
      expect(exitCode).toBe(4);
      expect(message.split("\n")).toEqual([
        "DEPLOYMENTS ARE FROZEN. Nothing was changed.",
        "",
        "  why      the end of the quarter",
        "  contact  #platform",
        "  until    2026-11-24 08:00 UTC (in 2 d)",
        "  set by   DEPLOYMENT_FREEZE=true",
        "",
      ]);
    },
  );

  test("is told where nobody said why or whom to ask", () => {
    const { message } = refusal({ DEPLOYMENT_FREEZE: "ture" }, "deploy");
    expect(message).toContain("why      nobody said (FREEZE_REASON is not set)");
    expect(message).toContain("contact  nobody said (FREEZE_CONTACT is not set)");
    expect(message).toContain("until    somebody ends it");
    expect(message).toContain('! DEPLOYMENT_FREEZE is "ture": neither true nor false');
  });

  test("is told what stays possible", () => {
    expect(refusal(full, "deploy").hint).toContain("Still possible: preview, drift, status, verify");
    expect(refusal(full, "rollback").hint).toContain("give --override-freeze REASON");
  });

  test("is stopped, override or not, when it is an ordinary deployment", () => {
    const { exitCode, hint } = refusal(full, "deploy", "I am in a hurry");
    expect(exitCode).toBe(4);
    expect(hint).toContain("--override-freeze lets no ordinary deployment pass");
  });

  test.each(["rollback", "revoke"] as const)(
    "passes with a reason, which is recorded on one line: %s",
    (kind) => {
      const passed = assertNotFrozen({ env: full, now }, kind, "the cache\nserves rubbish");
      expect(passed).toMatchObject({
        reason: "the cache serves rubbish",
        record:
          "freeze overridden (DEPLOYMENT_FREEZE=true; the end of the quarter; contact #platform) because: the cache serves rubbish",
      });
    },
  );

  test.each(["", "  ", "\n"])("is stopped by an override without a reason: %j", (reason) => {
    expect(refusal(full, "rollback", reason).exitCode).toBe(2);
    expect(refusal({}, "rollback", reason).exitCode).toBe(2);
  });

  test("shows no control characters of the variables", () => {
    const { message } = refusal({ ...full, FREEZE_REASON: "a\u001b[2Jb\u202ec" }, "deploy");
    expect(message).toContain("why      a [2Jb c");
  });
});
