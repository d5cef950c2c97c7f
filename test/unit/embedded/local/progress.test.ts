import { describe, expect, it } from "vitest";
import { newOperation, type Operation, type ResourceState } from "../../../../embedded/engine/events.ts";
import { changesText, plannedText } from "../../../../embedded/local/terminal/changes.ts";
import { progressDetails, progressStatus } from "../../../../embedded/local/terminal/progress.ts";
import { Screen } from "../../../../embedded/local/terminal/screen.ts";
import { resourceTree } from "../../../../embedded/local/terminal/tree.ts";

const { colours } = new Screen({ write: () => {} }, {});
const STACK = "urn:pulumi:local::attic::pulumi:pulumi:Stack::attic-local";

function resource(type: string, name: string, more: Partial<ResourceState> = {}): ResourceState {
  return {
    urn: `urn:pulumi:local::attic::${type}::${name}`,
    type,
    name,
    parent: STACK,
    custom: !type.startsWith("attic:"),
    op: "create",
    status: "done",
    startedAt: 0,
    waitingFor: undefined,
    diff: [],
    ...more,
  };
}

function operation(...resources: ResourceState[]): Operation {
  return { ...newOperation(), resources: new Map(resources.map((each) => [each.urn, each])) };
}

const stack = resource("pulumi:pulumi:Stack", "attic-local", { urn: STACK, parent: "", custom: false });
const provider = resource("pulumi:providers:kubernetes", "default", { custom: true });

describe("progress", () => {
  const running = operation(
    stack,
    provider,
    resource("kubernetes:core/v1:Namespace", "nix-cache"),
    resource("kubernetes:apps/v1:Deployment", "attic", {
      status: "working",
      startedAt: 2_000,
      waitingFor: "0 of 2 replicas are ready",
    }),
    resource("kubernetes:batch/v1:Job", "migrate", { status: "working", startedAt: 500 }),
    resource("kubernetes:core/v1:Secret", "new", { status: "working", startedAt: 9_900 }),
    resource("kubernetes:core/v1:Service", "attic", { status: "failed" }),
  );

  it("counts resources, not the stack and its providers", () => {
    expect(progressStatus(running)).toBe("1/5 resources, 1 failed");
    expect(progressStatus(operation(stack))).toBe("");
  });

  it("shows the longest wait first, and none that just began", () => {
    expect(progressDetails(running, 10_000, 100)).toEqual([
      "    Job migrate  9.5 s",
      "    Deployment attic  8.0 s  0 of 2 replicas are ready",
    ]);
  });

  it("fits the terminal", () => {
    expect(progressDetails(running, 10_000, 40)).toEqual([
      "    Job migrate  9.5 s",
      "    Deployment attic  8.0 s  0 of 2 re…",
    ]);
  });

  it("leaves room on the screen", () => {
    const many = Array.from({ length: 11 }, (_, index) =>
      resource("kubernetes:batch/v1:Job", `job-${index}`, { status: "working" }),
    );
    expect(progressDetails(operation(...many), 10_000, 100).at(-1)).toBe("    and 3 more");
  });
});

describe("resourceTree", () => {
  const attic = resource("attic:index:Attic", "attic");
  const tree = operation(
    stack,
    provider,
    attic,
    resource("kubernetes:apps/v1:Deployment", "attic", { parent: attic.urn }),
    resource("kubernetes:core/v1:Service", "attic", { parent: attic.urn, op: "same" }),
    resource("kubernetes:core/v1:ConfigMap", "config", {
      parent: attic.urn,
      op: "update",
      diff: ["data.server"],
    }),
    resource("attic:index:Idle", "idle"),
    resource("kubernetes:core/v1:Namespace", "nix-cache", { op: "replace" }),
  );

  it("groups by component, with how many resources each has", () => {
    expect(resourceTree(tree, colours)).toEqual([
      "├─ ± Namespace nix-cache",
      "├─ Attic attic (3)",
      "│  ├─ + Deployment attic",
      "│  ├─ ~ ConfigMap config  data.server",
      "│  └─   Service attic",
      "└─ Idle idle (0)",
    ]);
  });

  it("can leave out what stays as it is", () => {
    expect(resourceTree(tree, colours, true)).toEqual([
      "├─ ± Namespace nix-cache",
      "└─ Attic attic (2 of 3)",
      "   ├─ + Deployment attic",
      "   └─ ~ ConfigMap config  data.server",
    ]);
  });
});

describe("counts in words", () => {
  it("of what was done", () => {
    expect(changesText({ same: 12, create: 3 } as never)).toBe("3 created, 12 unchanged");
    expect(changesText({} as never)).toBe("nothing");
  });

  it("of what is planned", () => {
    expect(plannedText({ create: 3, same: 1 } as never)).toBe("3 to create, 1 unchanged");
    expect(plannedText({} as never)).toBe("nothing");
  });
});
