/** The annotation pulumi.com/waitFor: what to wait for, said by the program. */
import { annotation, conditionsOf, type KubeObject } from "../object.ts";
import { eventReasons, warningsAbout } from "./events.ts";
import { compileJsonPath, type JsonPath } from "./json-path.ts";
import { isObserved, READY, type Waiter, waiting } from "./verdict.ts";

export const WAIT_FOR = "pulumi.com/waitFor";

interface Expectation {
  readonly text: string;
  holds(live: KubeObject): boolean;
}

/**
 * Parses the annotation: `condition=Ready`, `condition=Ready=False`, `jsonpath={.status.phase}=Running`,
 * `jsonpath={.status.address}`, or a JSON list of these, all of which must hold.
 *
 * @throws if it is none of them, saying what is.
 */
export function parseWaitFor(value: string): Expectation[] {
  if (!value.trimStart().startsWith("[")) return [parseOne(value)];
  let list: unknown;
  try {
    list = JSON.parse(value);
  } catch (error) {
    throw new Error(`${WAIT_FOR}: not a JSON list: ${(error as Error).message}`);
  }
  if (!Array.isArray(list) || list.length === 0 || list.some((item) => typeof item !== "string")) {
    throw new Error(`${WAIT_FOR}: a list must hold one or more texts, found ${value}`);
  }
  return (list as string[]).map(parseOne);
}

function parseOne(text: string): Expectation {
  const condition = /^condition=([^=]+)(?:=(.*))?$/s.exec(text);
  if (condition !== null) return conditionHolds(text, condition[1] ?? "", condition[2] ?? "True");
  const path = /^jsonpath=(.*\})(?:=(.*))?$/s.exec(text) ?? /^jsonpath=([^=]+)(?:=(.*))?$/s.exec(text);
  if (path !== null) return pathHolds(text, compileJsonPath(path[1] ?? ""), path[2]);
  throw new Error(
    `${WAIT_FOR}: found "${text}"; allowed: condition=TYPE, condition=TYPE=STATUS, jsonpath={.a.b}, ` +
      "jsonpath={.a.b}=VALUE, or a JSON list of these",
  );
}

function conditionHolds(text: string, type: string, wanted: string): Expectation {
  return {
    text,
    holds(live) {
      const condition = conditionsOf(live).find((it) => it.type.toLowerCase() === type.toLowerCase());
      if (condition?.status.toLowerCase() !== wanted.toLowerCase()) return false;
      // What was true of an earlier version says nothing about this one.
      const seen = condition.observedGeneration;
      return seen === undefined || seen >= (live.metadata.generation ?? 0);
    },
  };
}

function pathHolds(text: string, path: JsonPath, wanted: string | undefined): Expectation {
  return {
    text,
    holds(live) {
      const found = path(live).filter((value) => value !== undefined && value !== null);
      return wanted === undefined ? found.length > 0 : found.some((value) => String(value) === wanted);
    },
  };
}

/** The wait an object's annotation asks for; undefined if it has none. */
export function waitForAnnotation(object: KubeObject): Waiter | undefined {
  const value = annotation(object, WAIT_FOR);
  if (value === undefined) return undefined;
  const expectations = parseWaitFor(value);
  return {
    judge(live) {
      // Only controllers that report what they have seen can be behind.
      const reports = live.status?.observedGeneration !== undefined;
      if (reports && !isObserved(live)) return waiting("its controller to see the change");
      const missing = expectations.filter((expectation) => !expectation.holds(live));
      return missing.length === 0 ? READY : waiting(missing.map(({ text }) => text).join(", "));
    },

    async explain(live, look) {
      const conditions = conditionsOf(live).map(({ type, status, reason, message }) => {
        const why = [reason, message].filter(Boolean).join(": ");
        return `Condition ${type}=${status}${why ? `: ${why}` : ""}`;
      });
      const { phase, phaseReason } = (live.status ?? {}) as { phase?: string; phaseReason?: string };
      const phases = phase === undefined ? [] : [`Phase: ${[phase, phaseReason].filter(Boolean).join(": ")}`];
      return [...phases, ...conditions, ...eventReasons(await warningsAbout([live], look))];
    },
  };
}
