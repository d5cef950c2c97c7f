import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { type Diagnostic, nameOf, operationOf, typeOf } from "../embedded/engine/events.ts";
import { message } from "../policies/framework/message.ts";
import type { Finding } from "../policies/framework/review.ts";
import { STACK_TYPE } from "../policies/framework/subject.ts";

/** What a policy has against a stack, as the page tells it. */
export interface Objection {
  /** The policy's name; one of another pack with the pack's. */
  policy: string;
  /** Whether the update is refused for it; else it is advice. */
  refuses: boolean;
  /** The resource as people call it; empty for the stack as a whole. */
  resource: string;
  /** Path of the field and what stands there; empty for the resource as a whole. */
  field: string;
  /** What is wrong, and what to do. */
  text: string;
}

/**
 * What the policies found in a recording of the program, and what they told the engine besides. It shows them what a
 * recording hides: secrets, and what is known of a stack that there is.
 */
export function objections(findings: readonly Finding[], events: readonly EngineEvent[]): Objection[] {
  return [...findings.map(recorded), ...toldToEngine(events, findings)];
}

function recorded({ policy, level, resource, field, found, problem, fix }: Finding): Objection {
  return {
    policy,
    refuses: level !== "advisory",
    resource,
    field: found === undefined ? field : `${field} = ${found}`,
    text: `${problem}; ${fix}`,
  };
}

/** Our pack's name stands before the policy's. */
const ours = /^attic\//;

function toldToEngine(events: readonly EngineEvent[], findings: readonly Finding[]): Objection[] {
  const seen = operationOf(events);
  const told = seen.diagnostics.filter(({ severity }) => severity === "policy" || severity === "advice");
  // The engine asks about both parts of a replacement.
  const once = new Map(told.map((each) => [`${each.urn} ${each.message}`, each]));
  return [...once.values()]
    .filter((each) => !findings.some((finding) => isSame(finding, each)))
    .map(({ severity, urn, message }) => {
      const [policy = "", ...words] = message.replace(ours, "").split(": ");
      return {
        policy,
        refuses: severity === "policy",
        resource: isStack(urn) ? "" : `${typeOf(urn).split(":").at(-1)} ${nameOf(urn)}`,
        field: "",
        text: onOneLine(words.join(": ")),
      };
    });
}

/** The engine's message begins with what the policy is for, which a finding does not say. */
const isSame = (finding: Finding, { urn, message: told }: Diagnostic) =>
  told.startsWith(`attic/${finding.policy}: `) &&
  told.endsWith(message(finding)) &&
  about(urn) === about(finding.urn);

/** The resource by its type and name: in a recording, URNs know the nearest parent alone. */
const about = (urn: string) => (isStack(urn) ? "" : `${typeOf(urn)}::${nameOf(urn)}`);

const isStack = (urn: string) => urn === "" || typeOf(urn) === STACK_TYPE;

const onOneLine = (text: string) =>
  text.replaceAll(/([.:;]?)\s*\n\s*/g, (_, end: string) => `${end || ";"} `);
