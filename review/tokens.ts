import { series } from "../components/tokens/watch.ts";
import { kindOf, type Properties, type Step } from "./steps.ts";

/** What a plan does to one token. */
export interface TokenChange {
  token: string;
  kind: string;
  /** Generation before and after; undefined for a token that is new or gone. */
  before?: string;
  after?: string;
  /** Day that the new one ends, ISO 8601. */
  expires?: string;
  /** Day that the next one is due, ISO 8601. */
  rotates?: string;
}

interface Known {
  kind: string;
  generation: string;
  expires?: string;
  rotates?: string;
}

/** Every token in a plan, by what Prometheus is told of it: that is not secret. */
export function tokenChanges(steps: readonly Step[]): TokenChange[] {
  const rule = steps.find((step) => kindOf(step) === "PrometheusRule" && step.name === "attic-tokens");
  if (!rule) return [];
  const [before, after] = [tokensIn(rule.before), tokensIn(rule.after)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().map((token) => {
    const [was, is] = [before.get(token), after.get(token)];
    return {
      token,
      kind: (is ?? was)?.kind ?? "",
      before: was?.generation,
      after: is?.generation,
      expires: is?.expires,
      rotates: is?.rotates,
    };
  });
}

function tokensIn(properties: Properties | undefined): Map<string, Known> {
  const known = new Map<string, Known>();
  const { groups = [] } = (properties?.spec ?? {}) as {
    groups?: { rules: { record: string; expr: string; labels: Record<string, string> }[] }[];
  };
  // A plan in which the key is not made yet knows no calendar.
  if (!Array.isArray(groups)) return known;
  for (const { record, expr, labels } of groups.flatMap(({ rules }) => rules)) {
    const { token = "", kind = "", generation = "" } = labels;
    const day = new Date(Number(/\d+/.exec(expr)?.[0]) * 1000).toISOString().slice(0, 10);
    const when = record === series.expiry ? { expires: day } : { rotates: day };
    known.set(token, { ...known.get(token), kind, generation, ...when });
  }
  return known;
}
