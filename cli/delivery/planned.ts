import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { type Diagnostic, nameOf, type Operation, typeOf } from "../../embedded/engine/events.ts";
import type { Steps } from "../../embedded/local/terminal/steps.ts";
import type { Call } from "../cli.ts";
import type { OpenedStack } from "../stack.ts";
import { type Asked, engineError, operate } from "./operate.ts";
import { planDigest } from "./plan-digest.ts";
import { shortName } from "./stored-plan.ts";

/** What a preview showed. */
export interface Planned {
  events: EngineEvent[];
  /** See {@link planDigest}. */
  digest: string;
  /** How many resources by operation. */
  changes: Record<string, number>;
  /** What policies and rules over plans refuse, one sentence each. */
  refused: string[];
  /** What the program and the policies warn of, and exceptions from the rules over plans that nothing needs. */
  warnings: string[];
}

/**
 * Previews a stack. That policies refuse is a result; every other failure is an error.
 * @throws CliError
 */
export async function makePlan(
  call: Pick<Call, "world" | "say">,
  stack: OpenedStack,
  steps: Steps,
  asked: Omit<Asked, "action" | "onEvent">,
): Promise<Planned> {
  const events: EngineEvent[] = [];
  let seen: Operation | undefined;
  const onEvent: Asked["onEvent"] = (operation, event) => {
    seen = operation;
    events.push(event);
  };
  let changes: Record<string, number>;
  try {
    changes = {
      ...(await operate(call, stack, steps, "preview", { ...asked, action: "preview", onEvent })).changes,
    };
  } catch (error) {
    if (!engineError(error, "policy")) throw error;
    changes = { ...seen?.changes };
  }
  const diagnostics = seen?.diagnostics ?? [];
  // Loading the policies takes a while, and only those need it that have a plan.
  const { planReview } = await import("../../review/review.ts");
  const { findings, warnings } = planReview(shortName(stack), events);
  return {
    events,
    digest: planDigest(events),
    changes,
    refused: [
      ...of("policy", diagnostics),
      ...findings.map(({ rule, resource, problem, fix }) => `attic/${rule}: ${resource}: ${problem}. ${fix}`),
    ],
    warnings: [...of("warning", diagnostics), ...of("advice", diagnostics), ...warnings],
  };
}

function of(severity: Diagnostic["severity"], diagnostics: readonly Diagnostic[]): string[] {
  const sentences = diagnostics
    .filter((each) => each.severity === severity)
    .map(({ urn, message }) => {
      const about =
        urn === "" || typeOf(urn) === "pulumi:pulumi:Stack" ? "" : `${typeOf(urn)} ${nameOf(urn)}: `;
      return about + message;
    });
  return [...new Set(sentences)];
}
