import { CommandError, type RefreshOptions } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, it } from "vitest";
import { newOperation, type ResourceState } from "../../../../embedded/engine/events.ts";
import { clearWhatIsDone, creationsInDoubt } from "../../../../embedded/engine/in-doubt.ts";

const root = "urn:pulumi:live::attic::pulumi:pulumi:Stack::attic-live";
const job = "urn:pulumi:live::attic::attic:attic:Attic$kubernetes:batch/v1:Job::attic-migrate";
const deployment = "urn:pulumi:live::attic::attic:attic:Attic$kubernetes:apps/v1:Deployment::attic";

/** As the engine says it. */
const warned = {
  severity: "warning" as const,
  urn: "",
  message: [
    "Attempting to deploy or update resources with 2 pending operations from previous deployment.",
    `  * ${job}, interrupted while creating`,
    `  * ${deployment}, interrupted while updating`,
    "These resources are in an unknown state because the Pulumi CLI was interrupted while waiting",
  ].join("\n"),
};

function updated(status: Record<string, ResourceState["status"]>, diagnostics = [warned]) {
  const resources = new Map(Object.entries(status).map(([urn, is]) => [urn, { urn, status: is }]));
  return { ...newOperation(), diagnostics, resources: resources as unknown as Map<string, ResourceState> };
}

/** A stack that remembers how it was refreshed. */
function stack(fails?: Error) {
  const asked: RefreshOptions[] = [];
  const refresh = async (options: RefreshOptions) => {
    asked.push(options);
    if (fails) throw fails;
  };
  return { asked, stack: { name: "live", refresh } as unknown as Parameters<typeof clearWhatIsDone>[0] };
}

describe("creations in doubt", () => {
  it("are read from the engine's warning, and nothing else that was interrupted", () => {
    expect(creationsInDoubt({ diagnostics: [warned] })).toEqual([job]);
  });

  it("are none without that warning", () => {
    expect(creationsInDoubt({ diagnostics: [{ ...warned, message: `  * ${job}, deprecated` }] })).toEqual([]);
  });

  it("are cleared when the update has made them, and nobody is asked of anything else", async () => {
    const { asked, stack: live } = stack();
    const said = await clearWhatIsDone(live, updated({ [root]: "done", [job]: "done" }));
    expect(said).toEqual([
      "cleared 1 creation(s) that a killed update left in doubt: this one has made them",
    ]);
    expect(asked).toEqual([expect.objectContaining({ clearPendingCreates: true, target: [root] })]);
  });

  it("stay when the program does not declare them any more, with what to do", async () => {
    const { asked, stack: live } = stack();
    const [said] = await clearWhatIsDone(live, updated({ [root]: "done" }));
    expect(said).toContain("kubernetes:batch/v1:Job attic-migrate is in doubt");
    expect(said).toContain("pulumi refresh --clear-pending-creates --stack live");
    expect(asked).toEqual([]);
  });

  it("are left to a person when they cannot be cleared, and the update has succeeded all the same", async () => {
    const refused = new CommandError({ toString: () => "locked" } as never);
    const said = await clearWhatIsDone(stack(refused).stack, updated({ [root]: "done", [job]: "done" }));
    expect(said).toEqual([expect.stringContaining("pulumi refresh --clear-pending-creates --stack live")]);
  });

  it("cost an ordinary update nothing", async () => {
    const { asked, stack: live } = stack();
    expect(await clearWhatIsDone(live, updated({ [root]: "done", [job]: "done" }, []))).toEqual([]);
    expect(asked).toEqual([]);
  });
});
