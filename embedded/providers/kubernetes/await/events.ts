/** What the cluster noted about objects: its warning events. */
import { ApiError } from "../api.ts";
import type { KubeObject } from "../object.ts";
import type { Look } from "./verdict.ts";

export interface Event extends KubeObject {
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  involvedObject?: { kind?: string; name?: string; uid?: string };
  series?: { count?: number; lastObservedTime?: string };
}

/** The warnings about any of `objects`, oldest first; none where this person may not see events. */
export async function warningsAbout(
  objects: readonly KubeObject[],
  { cluster, signal }: Look,
): Promise<Event[]> {
  const [first] = objects;
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  const namespace = first?.metadata.namespace ?? "default";
  const query = { fieldSelector: "type=Warning" };
  const events = await cluster
    .list(`/api/v1/namespaces/${namespace}/events`, { query, signal })
    .catch((error: unknown) => {
      // What they tell helps to understand a failure, and is no reason for one.
      if (error instanceof ApiError && error.code === 403) return [];
      throw error;
    });
  return (events as Event[])
    .filter(({ involvedObject }) => uids.has(involvedObject?.uid))
    .sort((left, right) => timeOf(left) - timeOf(right));
}

/** When an event last happened, in milliseconds since 1970. */
export function timeOf({ series, lastTimestamp, eventTime, metadata }: Event): number {
  const text = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return typeof text === "string" ? Date.parse(text) : 0;
}

const SHOWN = 5;

/** The last few distinct warnings, one line each. */
export function eventReasons(events: readonly Event[]): string[] {
  const lines = new Map<string, string>();
  for (const { reason, message, involvedObject, count, series } of events) {
    const times = series?.count ?? count ?? 1;
    const object = `${involvedObject?.kind} ${involvedObject?.name}`;
    const text = (message ?? "").trim().replace(/\s*\n\s*/g, " | ");
    lines.set(
      essenceOf(text),
      `Event ${reason} on ${object}: ${text}${times > 1 ? ` (${times} times)` : ""}`,
    );
  }
  return [...lines.values()].slice(-SHOWN);
}

/** A controller that tries again makes up another pod name each time. */
export function essenceOf(message: string): string {
  return message.replace(/pods "[^"]*"/, "pods").replace(/^Error creating: /, "");
}
