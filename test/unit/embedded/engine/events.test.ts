import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, it } from "vitest";
import {
  applyEvent,
  countChanges,
  nameOf,
  newOperation,
  typeOf,
} from "../../../../embedded/engine/events.ts";

const URN = "urn:pulumi:local::attic::attic:index:Attic$kubernetes:apps/v1:Deployment::nix-cache/attic";

function event(content: Record<string, unknown>): EngineEvent {
  return { sequence: 0, timestamp: 0, ...content } as unknown as EngineEvent;
}

function metadata(op: string, more: Record<string, unknown> = {}) {
  return { urn: URN, type: "kubernetes:apps/v1:Deployment", op, provider: "", ...more };
}

describe("URNs", () => {
  it("have a type and a name at the end", () => {
    expect(typeOf(URN)).toBe("kubernetes:apps/v1:Deployment");
    expect(nameOf(URN)).toBe("nix-cache/attic");
  });

  it("of names with the separator are read from the end", () => {
    expect(nameOf("urn:pulumi:local::attic::pulumi:pulumi:Stack::attic-local")).toBe("attic-local");
  });
});

describe("applyEvent", () => {
  it("follows a resource from start to end, with what it waits for", () => {
    const operation = newOperation();
    applyEvent(operation, event({ resourcePreEvent: { metadata: metadata("create") } }), 1000);
    applyEvent(
      operation,
      event({
        diagnosticEvent: {
          urn: URN,
          severity: "info",
          message: "<{%reset%}>[1/2] Waiting\n",
          ephemeral: true,
        },
      }),
      1500,
    );
    expect(operation.resources.get(URN)).toMatchObject({
      status: "working",
      startedAt: 1000,
      waitingFor: "[1/2] Waiting",
    });
    applyEvent(operation, event({ resOutputsEvent: { metadata: metadata("create") } }), 2000);
    expect(operation.resources.get(URN)).toMatchObject({ status: "done", waitingFor: undefined });
  });

  it("marks a failed resource and keeps why", () => {
    const operation = newOperation();
    applyEvent(operation, event({ resourcePreEvent: { metadata: metadata("create") } }), 0);
    applyEvent(
      operation,
      event({ diagnosticEvent: { urn: URN, severity: "error", message: "no image\n" } }),
      0,
    );
    applyEvent(operation, event({ resOpFailedEvent: { metadata: metadata("create") } }), 0);
    expect(operation.resources.get(URN)?.status).toBe("failed");
    expect(operation.diagnostics).toEqual([{ severity: "error", urn: URN, message: "no image" }]);
  });

  it.each(["update failed", "preview failed", "", "using pulumi-resource-tls from $PATH at /x/y"])(
    "leaves out %j, which says nothing of its own",
    (message) => {
      const operation = newOperation();
      applyEvent(operation, event({ diagnosticEvent: { urn: URN, severity: "error", message } }), 0);
      expect(operation.diagnostics).toEqual([]);
    },
  );

  it("tells mandatory policies from advice", () => {
    const operation = newOperation();
    for (const enforcementLevel of ["mandatory", "advisory"]) {
      const policyEvent = {
        enforcementLevel,
        policyName: "p",
        policyPackName: "pack",
        message: "m",
        resourceUrn: URN,
      };
      applyEvent(operation, event({ policyEvent }), 0);
    }
    expect(operation.diagnostics.map((each) => [each.severity, each.message])).toEqual([
      ["policy", "pack/p: m"],
      ["advice", "pack/p: m"],
    ]);
  });

  it("takes the stack's outputs from its last event", () => {
    const operation = newOperation();
    const stack = { type: "pulumi:pulumi:Stack", new: { outputs: { url: "https://cache" } } };
    applyEvent(operation, event({ resOutputsEvent: { metadata: metadata("same", stack) } }), 0);
    expect(operation.outputs).toEqual({ url: "https://cache" });
  });

  it("keeps the properties that differ", () => {
    const operation = newOperation();
    const detailedDiff = { "spec.replicas": { diffKind: "update", inputDiff: true } };
    applyEvent(operation, event({ resourcePreEvent: { metadata: metadata("update", { detailedDiff }) } }), 0);
    expect(operation.resources.get(URN)?.diff).toEqual(["spec.replicas"]);
  });
});

describe("countChanges", () => {
  it("counts what is not the same", () => {
    expect(countChanges({ same: 4, create: 2, "delete-replaced": 1, read: 1 } as never)).toBe(3);
    expect(countChanges(undefined)).toBe(0);
  });
});
