import { writeFileSync } from "node:fs";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { Deployments, StackOperation } from "../../../../cli/deployments/index.ts";
import type { RunResult } from "../../../../embedded/engine/engine.ts";
import { applyEvent, newOperation } from "../../../../embedded/engine/events.ts";

/** One step of a preview or an update, as little of it as a test needs. */
export interface FakeStep {
  op: string;
  kind?: string;
  name?: string;
  /** Type of the component that it lies in. */
  component?: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  differs?: string[];
}

const types: Readonly<Record<string, string>> = {
  HorizontalPodAutoscaler: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  Deployment: "kubernetes:apps/v1:Deployment",
  Job: "kubernetes:batch/v1:Job",
  Secret: "kubernetes:core/v1:Secret",
  PrivateKey: "tls:index/privateKey:PrivateKey",
};

/** What the engine tells of a step. */
export function event(step: FakeStep, when: "before" | "done" | "failed" = "before"): EngineEvent {
  const { op, kind = "HorizontalPodAutoscaler", name = "attic", component = "attic:attic:Attic" } = step;
  const { before = {}, after = {}, differs = [] } = step;
  const type = types[kind] as string;
  const urn = `urn:pulumi:test::attic::${component}$${type}::${name}`;
  const parent = `urn:pulumi:test::attic::${component}::it`;
  const state = (inputs: Record<string, unknown>) => ({
    urn,
    type,
    custom: true,
    parent,
    inputs,
    outputs: {},
  });
  const metadata = {
    op,
    urn,
    type,
    ...(op !== "create" && { old: state(before) }),
    ...(op !== "delete" && { new: state(after) }),
    detailedDiff: Object.fromEntries(differs.map((path) => [path, { diffKind: "update", inputDiff: true }])),
  };
  const key = { before: "resourcePreEvent", done: "resOutputsEvent", failed: "resOpFailedEvent" }[when];
  return { sequence: 0, timestamp: 0, [key]: { metadata } } as unknown as EngineEvent;
}

/** An update that changes how many replicas there are. */
export const scaling: FakeStep = {
  op: "update",
  before: { spec: { minReplicas: 2, maxReplicas: 5 } },
  after: { spec: { minReplicas: 3, maxReplicas: 5 } },
  differs: ["spec.minReplicas"],
};

/** Stands in for the engine: it tells the events that a test gives, and remembers what it was asked. */
export interface FakeEngine {
  asked: StackOperation[];
  operate: Deployments["operate"];
}

/** An engine that tells the same events each time, or fails. */
export function fakeEngine(
  tell: (operation: StackOperation) => readonly EngineEvent[],
  fails: (operation: StackOperation) => Error | undefined = () => undefined,
): FakeEngine {
  const asked: StackOperation[] = [];
  return {
    asked,
    async operate(operation) {
      asked.push(operation);
      const state = newOperation();
      for (const each of tell(operation)) {
        applyEvent(state, each, 0);
        operation.onEvent?.(state, each);
      }
      const error = fails(operation);
      if (error) throw error;
      if (operation.action === "preview" && operation.plan) writeFileSync(operation.plan, "{}");
      return {
        changes: { update: 1 },
        outputs: {},
        operation: state,
        diagnostics: [],
        withheld: [],
        logPath: "/log",
        milliseconds: 5,
      } satisfies RunResult;
    },
  };
}
