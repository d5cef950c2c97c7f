import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { TokenDates } from "../components/tokens/dates.ts";

/** What a plan does to one token. */
export interface TokenChange {
  token: string;
  kind: string;
  /** Generation before and after, with its issue when it is not the first; undefined for a token that is new or gone. */
  before?: string;
  after?: string;
  /** Day that the new one ends, ISO 8601. */
  expires?: string;
  /** Day that the next one is due, ISO 8601. */
  rotates?: string;
}

/** The component that tells of them. */
const component = "attic:tokens:Tokens";

/** Every token in a plan; undefined where it does not tell which there are or will be. */
export function tokenChanges(events: readonly EngineEvent[]): TokenChange[] | undefined {
  // The last one: the engine tells of a component when it begins, and with its outputs when it is done.
  const told = events.flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? []);
  const tokens = told.findLast(({ type }) => type === component);
  if (!tokens) return [];
  const before = tokens.old ? tokensIn(tokens.old.outputs) : new Map();
  const after = tokens.new ? tokensIn(tokens.new.outputs) : new Map();
  if (!before || !after) return undefined;
  return [...new Set([...before.keys(), ...after.keys()])].sort().map((token) => {
    const [was, is] = [before.get(token), after.get(token)];
    return {
      token,
      kind: (is ?? was)?.kind ?? "",
      before: was && generation(was),
      after: is && generation(is),
      expires: is && day(is.expires),
      rotates: is && day(is.rotates),
    };
  });
}

/** Undefined where it is not told: by a program that did not yet, or of times that only the update knows. */
function tokensIn(outputs: Record<string, unknown> | undefined): Map<string, TokenDates> | undefined {
  const calendar = outputs?.calendar;
  if (typeof calendar !== "object" || calendar === null) return undefined;
  return new Map(Object.entries(calendar));
}

const generation = ({ generation, issue }: TokenDates) =>
  issue === 0 ? `${generation}` : `${generation}.${issue}`;

const day = (time: string) => time.slice(0, "2027-05-06".length);
