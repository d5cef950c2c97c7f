import { readFileSync } from "node:fs";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { operationOf } from "../embedded/engine/events.ts";
import { UsageError } from "./usage-error.ts";

const written = "`PULUMI_DEBUG_COMMANDS=1 pulumi preview --event-log`";

/**
 * The events of a preview, from the file that `pulumi preview --event-log` wrote.
 * @param stack whose plan it must be
 * @throws UsageError when the file is not the whole plan of the stack: half a plan looks like a harmless one, as the
 * engine tells of deletions last
 */
export function readPlan(file: string, stack: string): EngineEvent[] {
  const events = eventsIn(file);
  const problem = problemOf(events, stack);
  if (problem) throw new UsageError(`${file} ${problem}`);
  return events;
}

function eventsIn(file: string): EngineEvent[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const event = parsed(line);
    if (typeof event === "object" && event !== null) return [event as EngineEvent];
    throw new UsageError(`${file}, line ${index + 1}, is no event of the engine: pass what ${written} wrote`);
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function problemOf(events: readonly EngineEvent[], stack: string): string | undefined {
  const urns = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata.urn ?? []);
  if (urns.length === 0) return `tells of no resource, so it is no plan: pass what ${written} wrote`;
  const other = urns.map(stackOf).find((each) => each !== stack);
  if (other !== undefined) return `is a plan of stack ${other}, not of ${stack}`;
  const seen = operationOf(events);
  const error = seen.diagnostics.find(({ severity }) => severity === "error");
  if (error) {
    const [message] = error.message.split(/\n\s+at /);
    return `is of a preview that failed, and a plan that was cut off hides what is deleted: ${message}`;
  }
  if (!seen.changes) return "ends before its preview did, and may hide what is deleted: preview again";
  return undefined;
}

/** `urn:pulumi:<stack>::<project>::…` */
const stackOf = (urn: string) => urn.split("::")[0]?.split(":")[2];
