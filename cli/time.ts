import { iso, type Seconds, seconds } from "../components/tokens/rotation.ts";
import { CliError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";

/** Seconds in each unit; a year is 365 days. */
const units = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 } as const;

/** The longest span that is taken: past it, dates have no ISO form that others read. */
const longest = 100 * units.y;

/**
 * Seconds of a span such as `90m`, `2h`, `1d12h` or `1y`.
 * @throws CliError when it is none, is nothing, or is longer than 100 years
 */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d{1,10})\s*([smhdwy])\s*/g)];
  const total = parts.reduce((sum, [, n, unit]) => sum + Number(n) * units[unit as keyof typeof units], 0);
  if (parts.map(([part]) => part).join("") !== text || total === 0 || total > longest) {
    throw new CliError(
      EXIT.usage,
      `${JSON.stringify(text)} is no span of time`,
      "a span is whole numbers with units, such as 90m, 2h, 1d12h, 30d, 2w or 1y; 100y at most",
    );
  }
  return total;
}

/** A span for people, in its largest unit that is there once at least, rounded down: `76 d`, `5 h`, `3 min`. */
export function formatDuration(span: number): string {
  if (span >= units.d) return `${Math.floor(span / units.d)} d`;
  if (span >= units.h) return `${Math.floor(span / units.h)} h`;
  if (span >= units.m) return `${Math.floor(span / units.m)} min`;
  return `${Math.floor(span)} s`;
}

/** How far a time is from now: `in 76 d`, `3 h ago`. */
export function fromNow(time: Seconds, now: Seconds): string {
  return time > now ? `in ${formatDuration(time - now)}` : `${formatDuration(now - time)} ago`;
}

/**
 * A date (its first second in UTC) or a time: `2027-03-01`, `2027-03-01T08:00Z`, `2027-03-01T09:00:00+01:00`.
 * @throws CliError when it is none, or does not exist
 */
export function parseTime(text: string): Date {
  const shape = /^(\d{4}-(?:0[1-9]|1[0-2])-(\d{2}))(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
  const [, date, day] = shape.exec(text) ?? [];
  const time = new Date(text);
  // A day that its month has not is taken for one of the next month.
  if (!date || Number.isNaN(time.getTime()) || new Date(date).getUTCDate() !== Number(day)) {
    throw new CliError(
      EXIT.usage,
      `${JSON.stringify(text)} is no date`,
      "a date is 2027-03-01, which begins at midnight in UTC, or a time 2027-03-01T08:00Z",
    );
  }
  return time;
}

/** A time for people, to the minute: `2027-03-01 08:00 UTC`. */
export const stamp = (time: Seconds) => `${iso(time).slice(0, 16).replace("T", " ")} UTC`;

/** The date of a time, in UTC. */
export const dateOf = (time: Seconds) => iso(time).slice(0, 10);

/** Seconds of an ISO 8601 text. */
export const secondsOf = (text: string): Seconds => seconds(new Date(text));

/** A time with its distance: `2027-03-01 08:00 UTC (in 76 d)`. */
export const stampFromNow = (time: Seconds, now: Seconds) => `${stamp(time)} (${fromNow(time, now)})`;
