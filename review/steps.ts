import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { mask } from "../render/mask.ts";

/** What happens to a resource. A replacement is one step, however many the engine makes of it. */
export type Change = "add" | "change" | "replace" | "delete" | "keep";

/** One resource in a plan, secrets masked. */
export interface Step {
  urn: string;
  /** The type token, for instance `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Pulumi's name for it. */
  name: string;
  /** The component that it belongs to, by its name; empty for what belongs to the stack alone. */
  component: string;
  change: Change;
  /** What it was asked to be; undefined for what is new. */
  before?: Properties;
  /** What it is asked to be now; undefined for what is deleted. */
  after?: Properties;
  /** Paths of the properties that differ, as the engine tells them: secret ones, too. */
  differs: string[];
  /** Paths of those that force a replacement. */
  forces: string[];
}

export type Properties = Record<string, unknown>;

const changes: Readonly<Record<string, Change>> = {
  create: "add",
  import: "add",
  update: "change",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  delete: "delete",
  same: "keep",
};

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

/**
 * The plan that the engine's events tell, sorted, so that the same plan is always the same text.
 * @param events of a preview, as `PULUMI_DEBUG_COMMANDS=1 pulumi preview --event-log` writes them, one JSON a line
 */
export function stepsOf(events: readonly EngineEvent[]): Step[] {
  const steps = new Map<string, Step>();
  for (const { resourcePreEvent } of events) {
    const step = resourcePreEvent && stepOf(resourcePreEvent.metadata);
    if (!step) continue;
    const known = steps.get(step.urn);
    // The parts of a replacement come one by one, and each knows a piece of it.
    steps.set(step.urn, known ? merged(known, step) : step);
  }
  return [...steps.values()].toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
}

function stepOf({ op, urn, type, old, new: next, diffs, detailedDiff, keys }: Metadata): Step | undefined {
  const change = changes[op];
  const state = next ?? old;
  // Components and providers are nothing by themselves.
  if (!change || !state?.custom || type.startsWith("pulumi:providers:")) return undefined;
  return {
    urn,
    type,
    name: nameOf(urn),
    component: state.parent && !state.parent.includes("::pulumi:pulumi:Stack::") ? nameOf(state.parent) : "",
    change,
    ...(old && change !== "add" && { before: mask(old.inputs) as Properties }),
    ...(next && change !== "delete" && { after: mask(next.inputs) as Properties }),
    differs: [...(detailedDiff ? Object.keys(detailedDiff) : (diffs ?? []))].sort(),
    forces: [...(keys ?? [])].sort(),
  };
}

function merged(one: Step, other: Step): Step {
  const union = (key: "differs" | "forces") => [...new Set([...one[key], ...other[key]])].sort();
  return {
    ...one,
    ...(one.change === other.change ? {} : { change: "replace" }),
    before: one.before ?? other.before,
    after: one.after ?? other.after,
    differs: union("differs"),
    forces: union("forces"),
  };
}

const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);

/** The last part of a type token: what a person calls it. */
export const kindOf = ({ type }: Step) => type.slice(type.lastIndexOf(":") + 1);
