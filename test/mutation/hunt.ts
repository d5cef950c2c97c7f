import type { Configured } from "../../policies/framework/config.ts";
import { stackOf } from "../../policies/framework/recording.ts";
import { reviewResource, reviewStack } from "../../policies/framework/review.ts";
import type { RecordedResource, Recording } from "../../render/record.ts";
import { mutationsOf } from "./mutations.ts";

/** Which weaknesses some policy found. */
export interface Hunt {
  /** Name of the weakness, and the policies that found it. */
  caught: { name: string; by: string[] }[];
  survivors: string[];
}

/**
 * Weakens a graph in every way there is, one at a time, and has the policies judge it.
 * @param policies that find nothing in the graph as it is; so whatever they find is the weakness
 */
export function hunt(recording: Recording, policies: readonly Configured[]): Hunt {
  const whole = stackOf(recording).resources;
  const subjectOf = (resource: RecordedResource) =>
    stackOf({ resources: [resource], outputs: recording.outputs }).resources;
  const result: Hunt = { caught: [], survivors: [] };
  for (const { name, before, after } of mutationsOf(recording)) {
    const changed = after ? subjectOf(after) : [];
    const at = recording.resources.indexOf(before);
    const resources = whole.toSpliced(at, 1, ...changed);
    const findings = policies.flatMap((each) => [
      ...changed.flatMap((subject) => reviewResource(each, subject).findings),
      ...reviewStack(each, { resources }).findings,
    ]);
    const by = [...new Set(findings.map(({ policy }) => policy))];
    if (by.length > 0) result.caught.push({ name, by });
    else result.survivors.push(name);
  }
  return result;
}
