import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { mask } from "../../render/mask.ts";
import { digestOf } from "./source.ts";

/** What the engine only looks at. */
const looks = new Set(["read", "read-replacement", "refresh"]);

/**
 * Digest of what a preview would do: which operation on which resource, which of its properties differ, and what they
 * are asked to be. Secrets are masked before, so that nobody can try out guesses; that one of them changes still counts.
 */
export function planDigest(events: readonly EngineEvent[]): string {
  const steps = events.flatMap(({ resourcePreEvent }) => {
    if (!resourcePreEvent || looks.has(resourcePreEvent.metadata.op)) return [];
    const { op, urn, detailedDiff, diffs, new: next } = resourcePreEvent.metadata;
    const differs = detailedDiff
      ? Object.entries(detailedDiff).map(([path, { diffKind }]) => `${path} ${diffKind}`)
      : (diffs ?? []);
    return [
      { urn, op, differs: differs.toSorted(), inputs: op === "same" ? null : mask(next?.inputs ?? null) },
    ];
  });
  const order = ({ urn, op }: (typeof steps)[number]) => `${urn} ${op}`;
  return digestOf(steps.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)));
}
