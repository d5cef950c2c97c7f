import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

export const stackUrn = "urn:pulumi:production::attic::pulumi:pulumi:Stack::attic-production";
export const urn = (type: string, name: string) => `urn:pulumi:production::attic::${type}::${name}`;

export interface Change {
  op: string;
  old?: object;
  new?: object;
  diff?: string[];
  keys?: string[];
  parent?: string;
}

/** An event of the engine about one resource. */
export function event(type: string, name: string, { op, old, new: next, diff, keys, parent }: Change) {
  const state = (inputs: object | undefined) =>
    inputs && { type, urn: urn(type, name), custom: true, parent: parent ?? stackUrn, inputs };
  const detailedDiff = diff && Object.fromEntries(diff.map((path) => [path, { kind: "update" }]));
  const metadata = { op, urn: urn(type, name), type, old: state(old), new: state(next), detailedDiff, keys };
  return { resourcePreEvent: { metadata } } as unknown as EngineEvent;
}

/** An event of the engine about what a policy found. */
export const policyEvent = (found: {
  policy: string;
  message: string;
  urn?: string;
  pack?: string;
  enforcementLevel?: string;
}) =>
  ({
    policyEvent: {
      resourceUrn: found.urn ?? stackUrn,
      message: found.message,
      policyName: found.policy,
      policyPackName: found.pack ?? "attic",
      enforcementLevel: found.enforcementLevel ?? "mandatory",
    },
  }) as unknown as EngineEvent;

/** An event of the engine about a component that is done, with the outputs that it had and has. */
export const outputsEvent = (type: string, old: object | undefined, next: object | undefined) => {
  const state = (outputs: object | undefined) => outputs && { type, urn: urn(type, "it"), outputs };
  const metadata = { op: "same", urn: urn(type, "it"), type, old: state(old), new: state(next) };
  return { resOutputsEvent: { metadata } } as unknown as EngineEvent;
};
