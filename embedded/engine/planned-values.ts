import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

// Where an update does not keep to its plan, the engine says which values differ, and says secret ones in plain text.

const MARK = "violates plan";

/** A text of the engine without the values that differ from a plan; all behind them goes, too. */
export function cutPlannedValues(text: string): string {
  const at = text.indexOf(MARK);
  return at < 0 ? text : text.slice(0, at + MARK.length);
}

/** An event without the values that differ from a plan. */
export function withoutPlannedValues(event: EngineEvent): EngineEvent {
  const { diagnosticEvent: diagnostic } = event;
  if (!diagnostic?.message.includes(MARK)) return event;
  const message = cutPlannedValues(diagnostic.message);
  return { ...event, diagnosticEvent: { ...diagnostic, message } };
}

/** Whether the engine stopped because an update would do something else than its plan says. */
export const isOffPlan = (message: string) => message.includes(MARK);
