import type { EngineEvent, OpMap, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";

/** One line of trouble, as the engine or a policy reported it. */
export interface Diagnostic {
  severity: "error" | "warning" | "policy" | "advice";
  /** Empty for what concerns the whole stack. */
  urn: string;
  message: string;
}

/** One resource as the engine sees it. */
export interface ResourceState {
  urn: string;
  type: string;
  name: string;
  parent: string;
  /** False for a component: a group of resources that is nothing by itself. */
  custom: boolean;
  op: string;
  status: "working" | "done" | "failed";
  /** Milliseconds since the epoch, by this machine's clock. */
  startedAt: number;
  /** The engine's last word on what it waits for, such as "[1/2] Waiting for app to be ready". */
  waitingFor: string | undefined;
  /** Properties that differ, for an update or a replacement. */
  diff: string[];
}

/** Everything worth knowing of a running or finished operation. */
export interface Operation {
  resources: Map<string, ResourceState>;
  diagnostics: Diagnostic[];
  changes: OpMap | undefined;
  outputs: Record<string, unknown>;
}

/** An operation of which nothing is known yet. */
export function newOperation(): Operation {
  return { resources: new Map(), diagnostics: [], changes: undefined, outputs: {} };
}

/** Colour marks that the engine leaves in its messages. */
const COLOUR_MARK = /<\{%[^%]*%\}>/g;
/** Said in passing about every resource of a failed update; says nothing of its own. */
const NOISE = /^(update|preview|destroy|refresh|resource operation) failed$|^\d+ errors? occurred:?$/;

/** What is done about those is told by who does it. */
const IN_DOUBT = /^Attempting to deploy or update resources\s+with \d+ pending operations/;

/** That a stand-in or our policy analyzer serves is said in a table of its own. */
const FROM_PATH = /^using pulumi-\S+ from \$PATH at |^resource plugin \S+ is expected .* has 0\.0\.0-standin/;

/** The name at the end of a URN. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** The type of a URN without the types of its parents. */
export function typeOf(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types.slice(types.lastIndexOf("$") + 1);
}

/** Providers are an implementation detail: people count and read resources. */
export function isProvider(type: string): boolean {
  return type.startsWith("pulumi:providers:");
}

/** The picture after all events of an operation that is over, whose times nobody asks for. */
export function operationOf(events: readonly EngineEvent[]): Operation {
  const operation = newOperation();
  for (const event of events) applyEvent(operation, event, 0);
  return operation;
}

/**
 * Takes one event of the engine into the picture.
 *
 * @param now milliseconds since the epoch
 */
export function applyEvent(operation: Operation, event: EngineEvent, now: number): void {
  if (event.resourcePreEvent) {
    startResource(operation, event.resourcePreEvent.metadata, now);
  } else if (event.resOutputsEvent) {
    finishResource(operation, event.resOutputsEvent.metadata, "done", now);
  } else if (event.resOpFailedEvent) {
    finishResource(operation, event.resOpFailedEvent.metadata, "failed", now);
  } else if (event.diagnosticEvent) {
    const { severity, urn = "", message, ephemeral } = event.diagnosticEvent;
    const text = message.replace(COLOUR_MARK, "").trim();
    if (severity === "error" || severity === "warning") {
      if (text !== "" && !NOISE.test(text) && !FROM_PATH.test(text) && !IN_DOUBT.test(text)) {
        operation.diagnostics.push({ severity, urn, message: text });
      }
    } else if (ephemeral || severity === "info") {
      const resource = operation.resources.get(urn);
      if (resource?.status === "working" && text !== "") {
        resource.waitingFor = text;
      }
    }
  } else if (event.policyEvent) {
    const { enforcementLevel, policyName, policyPackName, message, resourceUrn = "" } = event.policyEvent;
    operation.diagnostics.push({
      severity: enforcementLevel === "mandatory" ? "policy" : "advice",
      urn: resourceUrn,
      message: `${policyPackName}/${policyName}: ${message.replace(COLOUR_MARK, "").trim()}`,
    });
  } else if (event.summaryEvent) {
    operation.changes = event.summaryEvent.resourceChanges;
  }
}

function startResource(operation: Operation, metadata: StepEventMetadata, now: number): void {
  // What the program only looks up is nobody's change; that it is missing is told by a diagnostic.
  if (metadata.op === "read") {
    return;
  }
  operation.resources.set(metadata.urn, {
    urn: metadata.urn,
    type: metadata.type,
    name: nameOf(metadata.urn),
    parent: metadata.new?.parent ?? metadata.old?.parent ?? "",
    custom: (metadata.new ?? metadata.old)?.custom === true,
    op: metadata.op,
    status: "working",
    startedAt: now,
    waitingFor: undefined,
    diff: diffOf(metadata),
  });
}

function finishResource(
  operation: Operation,
  metadata: StepEventMetadata,
  status: "done" | "failed",
  now: number,
): void {
  if (!operation.resources.has(metadata.urn)) {
    startResource(operation, metadata, now);
  }
  const resource = operation.resources.get(metadata.urn);
  if (resource) {
    resource.status = status;
    resource.waitingFor = undefined;
  }
  if (metadata.type === "pulumi:pulumi:Stack" && status === "done") {
    operation.outputs = metadata.new?.outputs ?? operation.outputs;
  }
}

function diffOf(metadata: StepEventMetadata): string[] {
  return Object.keys(metadata.detailedDiff ?? {}).concat(metadata.detailedDiff ? [] : (metadata.diffs ?? []));
}

/** Operations that leave a resource as it is. */
const UNCHANGED = new Set(["same", "read", "refresh"]);

/** How many resources an operation changes or would change. */
export function countChanges(changes: OpMap | undefined): number {
  let sum = 0;
  for (const [op, count] of Object.entries(changes ?? {})) {
    sum += UNCHANGED.has(op) ? 0 : count;
  }
  return sum;
}
