import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../../../embedded/engine/events.ts";
import { newOperation } from "../../../../embedded/engine/events.ts";
import { describeFailure } from "../../../../embedded/engine/failure.ts";

const STACK = "urn:pulumi:local::attic::pulumi:pulumi:Stack::attic-local";
const DEPLOYMENT = "urn:pulumi:local::attic::kubernetes:apps/v1:Deployment::nix-cache/attic";

function failure(diagnostics: Diagnostic[], more: Partial<Parameters<typeof describeFailure>[0]> = {}) {
  return describeFailure({
    operation: { ...newOperation(), diagnostics },
    thrown: undefined,
    interrupted: false,
    expectNoChanges: false,
    stderr: "code: -2\nstdout: …\nerror: update failed",
    logPath: "/logs/up.log",
    projectDir: "/project",
    ...more,
  });
}

describe("describeFailure", () => {
  it("lists the resources that failed, each reason once", () => {
    const error = failure([
      { severity: "error", urn: DEPLOYMENT, message: "no progress:\n0 of 2 ready" },
      { severity: "error", urn: DEPLOYMENT, message: "no progress:\n0 of 2 ready" },
      { severity: "warning", urn: DEPLOYMENT, message: "deprecated" },
      { severity: "error", urn: STACK, message: "something general" },
    ]);
    expect(error.kind).toBe("resources");
    expect(error.logPath).toBe("/logs/up.log");
    expect(error.message).toMatchInlineSnapshot(`
      "resources failed:
        kubernetes:apps/v1:Deployment nix-cache/attic
          no progress:
          0 of 2 ready"
    `);
  });

  it("leaves out what an update that follows a plan did not come to, unless nothing else is wrong", () => {
    const missed = {
      severity: "error",
      urn: DEPLOYMENT,
      message: `expected resource operations for ${DEPLOYMENT} but none were seen`,
    } as const;
    const job = {
      severity: "error",
      urn: DEPLOYMENT.replace("Deployment", "Job"),
      message: "failed",
    } as const;
    expect(failure([job, missed]).message).not.toContain("none were seen");
    expect(failure([missed]).message).toContain("none were seen");
  });

  it("shows the program's own words and nothing else", () => {
    const thrown = new Error("2 mistakes in Pulumi.local.yaml:\n- a\n- b");
    const error = failure([{ severity: "error", urn: STACK, message: "Unhandled exception: Error: …" }], {
      thrown,
    });
    expect([error.kind, error.message]).toEqual(["program", thrown.message]);
  });

  it("adds the place in our files to a slip in the program", () => {
    const thrown = new TypeError("x is not a function");
    thrown.stack =
      "TypeError: x\n    at y (/project/node_modules/z.js:1:1)\n    at f (file:///project/components/a.ts:3:4)";
    expect(failure([], { thrown }).message).toBe(
      "TypeError: x is not a function\n  at f (components/a.ts:3:4)",
    );
  });

  it("puts a refusal by policy before what follows from it", () => {
    const error = failure([
      { severity: "error", urn: STACK, message: "follows" },
      { severity: "policy", urn: DEPLOYMENT, message: "pack/no-latest: the image has no digest" },
    ]);
    expect([error.kind, error.message]).toEqual([
      "policy",
      "policies refuse:\n  kubernetes:apps/v1:Deployment nix-cache/attic\n    pack/no-latest: the image has no digest",
    ]);
  });

  it("knows unexpected changes from failures", () => {
    const stderr = "error: no changes were expected but changes occurred";
    expect(failure([], { expectNoChanges: true, stderr }).kind).toBe("changes");
  });

  it("says that someone asked to stop", () => {
    const cancelled: Diagnostic = { severity: "error", urn: DEPLOYMENT, message: "cancelled" };
    expect(failure([cancelled], { interrupted: true }).kind).toBe("interrupted");
  });

  it("falls back on the engine's last words", () => {
    expect(failure([], { stderr: "\nerror: could not open backend\n" }).message).toBe(
      "error: could not open backend",
    );
    const report = "code: 255\n stdout: Updating\n stderr: error: could not open backend\n";
    expect(failure([], { stderr: report }).message).toBe("error: could not open backend");
  });

  it("tells that the engine was killed", () => {
    const stderr =
      "code: -2\n stdout: \n stderr: Command was killed with SIGKILL (Forced termination): pulumi up\n created";
    expect(failure([], { stderr }).message).toMatch(/ended in the middle of its work/);
    expect(failure([], { stderr: "" }).message).toMatch(/ended in the middle of its work/);
  });
});
