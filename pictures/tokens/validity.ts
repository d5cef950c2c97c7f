import { type CalendarEntry, calendar } from "../../components/tokens/calendar.ts";
import { iso } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/index.ts";
import type { Kind } from "../../config/schema/tokens.ts";

/** One generation of a declared token. Days are counted from when the signing key was made. */
export interface Validity {
  kind: Kind;
  token: string;
  generation: number;
  /** The day on which it takes its place. */
  from: number;
  /** The day on which the server refuses it. */
  until: number;
  /** The day on which the next one takes its place, or is due to. */
  rotates: number;
}

/** Seconds. */
const day = 86_400;

/** Days, to a tenth: a token begins ten minutes early and ends so, which no picture shows. */
const daysOf = (seconds: number) => Math.round((seconds / day) * 10) / 10;

/**
 * Every generation that an update a day would publish of each declared token, for a number of days after the first
 * update. Root tokens are never made anew by themselves, so there is one of each.
 */
export function validities(config: StackConfig, days: number): Validity[] {
  const start = iso(0);
  const roots = Object.fromEntries(Object.keys(config.tokens.root).map((name) => [name, start]));
  const found = new Map<string, Validity>();
  for (let today = 0; today < days; today++) {
    for (const entry of calendar(config, new Date(today * day * 1000), { key: start, roots })) {
      const validity = validityOf(entry);
      found.set(`${validity.token} ${validity.generation}`, validity);
    }
  }
  return [...found.values()];
}

function validityOf({ kind, name, current }: CalendarEntry): Validity {
  return {
    kind,
    token: name,
    generation: current.number,
    from: daysOf(current.issued),
    until: daysOf(current.expires),
    rotates: daysOf(current.rotates),
  };
}

/** A time in which two generations of a token are valid. */
export interface Overlap {
  token: string;
  from: number;
  until: number;
}

/** When each token has two valid generations: as long as its users may take to fetch the new one. */
export function overlaps(all: readonly Validity[]): Overlap[] {
  return all.flatMap(({ token, generation, until }) => {
    const next = all.find((other) => other.token === token && other.generation === generation + 1);
    return next && next.from < until ? [{ token, from: next.from, until }] : [];
  });
}
