import type { CalendarEntry } from "./calendar.ts";
import { iso } from "./rotation.ts";

/** What the stack's state tells of one token, besides secrets. Times are ISO 8601. */
export interface TokenDates {
  kind: string;
  generation: number;
  /** How many issues of the generation were revoked before this one. */
  issue: number;
  expires: string;
  /** When the next one takes its place; for a root token, when a person has to see to it. */
  rotates: string;
}

/** The calendar by the tokens' names. */
export const dates = (calendar: readonly CalendarEntry[]): Record<string, TokenDates> =>
  Object.fromEntries(
    calendar.map(({ name, kind, current: { number, issue, expires, rotates } }) => [
      name,
      { kind, generation: number, issue, expires: iso(expires), rotates: iso(rotates) },
    ]),
  );
