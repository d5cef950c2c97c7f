import { isProvider, type Operation, type ResourceState, typeOf } from "../../engine/events.ts";
import { count, cut, duration } from "./table.ts";

/** Waits shown at once; more would push the rest off a small terminal. */
const MOST_WAITS = 8;
/** A resource that takes less than this is not worth a line. */
const SHORT_MS = 700;

/** What has been done of an operation, in a few words: "12/47 resources". */
export function progressStatus(operation: Operation): string {
  const all = countable(operation);
  const done = all.filter((resource) => resource.status === "done").length;
  if (all.length === 0) {
    return "";
  }
  const failed = all.filter((resource) => resource.status === "failed").length;
  return `${done}/${count(all.length, "resource")}${failed > 0 ? `, ${failed} failed` : ""}`;
}

/**
 * A line for each resource that is being worked on, the longest wait first.
 *
 * @param now milliseconds since the epoch
 * @param width columns of the terminal
 */
export function progressDetails(operation: Operation, now: number, width: number): string[] {
  const working = countable(operation)
    .filter((resource) => resource.status === "working" && now - resource.startedAt >= SHORT_MS)
    .sort((a, b) => a.startedAt - b.startedAt);
  const lines = working.slice(0, MOST_WAITS).map((resource) => {
    const waiting = resource.waitingFor === undefined ? "" : `  ${resource.waitingFor.replaceAll("\n", " ")}`;
    return cut(`    ${describe(resource)}  ${duration(now - resource.startedAt)}${waiting}`, width - 1);
  });
  if (working.length > MOST_WAITS) {
    lines.push(`    and ${working.length - MOST_WAITS} more`);
  }
  return lines;
}

/** "Deployment nix-cache/attic" for a resource of type kubernetes:apps/v1:Deployment. */
export function describe(resource: Pick<ResourceState, "urn" | "name">): string {
  return `${shortType(typeOf(resource.urn))} ${resource.name}`;
}

/** "Deployment" for kubernetes:apps/v1:Deployment. */
export function shortType(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

/** Components are done when their resources are: to count both would say everything twice. */
function countable(operation: Operation): ResourceState[] {
  return [...operation.resources.values()].filter(({ custom, type }) => custom && !isProvider(type));
}
