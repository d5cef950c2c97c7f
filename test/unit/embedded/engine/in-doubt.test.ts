import { CommandError, type RefreshOptions } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, it } from "vitest";
import { newOperation, type ResourceState } from "../../../../embedded/engine/events.ts";
import { clearWhatIsDone, creationsInDoubt, takingOver } from "../../../../embedded/engine/in-doubt.ts";

const root = "urn:pulumi:live::attic::pulumi:pulumi:Stack::attic-live";
const job = "urn:pulumi:live::attic::attic:attic:Attic$kubernetes:batch/v1:Job::attic-migrate";
const deployment = "urn:pulumi:live::attic::attic:attic:Attic$kubernetes:apps/v1:Deployment::attic";
const bucket = "urn:pulumi:live::attic::attic:store:Bucket$aws:s3/bucket:Bucket::nix-cache";

const exporting = (deployment: object) => ({
  exportStack: async () => ({ version: 3, deployment }),
});

function updated(status: Record<string, ResourceState["status"]>) {
  const resources = new Map(Object.entries(status).map(([urn, is]) => [urn, { urn, status: is }]));
  return { ...newOperation(), resources: resources as unknown as Map<string, ResourceState> };
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
  it("are read from the state, and nothing else that was interrupted", async () => {
    const pending_operations = [
      { type: "creating", resource: { urn: job } },
      { type: "updating", resource: { urn: deployment } },
    ];
    expect(await creationsInDoubt(exporting({ pending_operations }))).toEqual([job]);
  });

  it("are none in a state without such operations, or without anything", async () => {
    expect(await creationsInDoubt(exporting({ resources: [] }))).toEqual([]);
    expect(await creationsInDoubt({ exportStack: async () => ({ version: 3, deployment: null }) })).toEqual(
      [],
    );
  });

  it("have the Kubernetes provider take over what is there, and only they", () => {
    expect(takingOver([bucket, job])).toEqual({ PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" });
    expect(takingOver([bucket])).toEqual({});
    expect(takingOver([])).toEqual({});
  });

  it("are cleared when the update has made them, and nobody is asked of anything else", async () => {
    const { asked, stack: live } = stack();
    const said = await clearWhatIsDone(live, [job], updated({ [root]: "done", [job]: "done" }));
    expect(said).toEqual([
      "cleared 1 creation(s) that a killed update left in doubt: this one has made them",
    ]);
    expect(asked).toEqual([expect.objectContaining({ clearPendingCreates: true, target: [root] })]);
  });

  it("stay when the program does not declare them any more, with what to do", async () => {
    const { asked, stack: live } = stack();
    const [said] = await clearWhatIsDone(live, [job], updated({ [root]: "done" }));
    expect(said).toContain("kubernetes:batch/v1:Job attic-migrate is in doubt");
    expect(said).toContain("pulumi refresh --clear-pending-creates --stack live");
    expect(asked).toEqual([]);
  });

  it("are left to a person when they cannot be cleared, and the update has succeeded all the same", async () => {
    const refused = new CommandError({ toString: () => "locked" } as never);
    const said = await clearWhatIsDone(
      stack(refused).stack,
      [job],
      updated({ [root]: "done", [job]: "done" }),
    );
    expect(said).toEqual([expect.stringContaining("pulumi refresh --clear-pending-creates --stack live")]);
  });

  it("cost an ordinary update nothing", async () => {
    const { asked, stack: live } = stack();
    expect(await clearWhatIsDone(live, [], updated({ [root]: "done", [job]: "done" }))).toEqual([]);
    expect(asked).toEqual([]);
  });
});
