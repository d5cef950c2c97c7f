import type { Subject } from "../framework/subject.ts";

/** How long the server keeps paths that nobody downloads. */
export interface Retention {
  /** As the server counts it; Infinity where it keeps them for ever. */
  seconds: number;
  /** As its configuration says it. */
  text: string;
}

/** Seconds in each unit of the server's spans, by the letters that count: `m` is a minute, `M` a month. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(?:s|secs?|seconds?)$/, 1],
  [/^(?:m|mins?|minutes?)$/, 60],
  [/^(?:h|hrs?|hours?)$/, 3600],
  [/^(?:d|days?)$/, 86_400],
  [/^(?:w|wks?|weeks?)$/, 604_800],
  [/^(?:M|months?)$/, 2_630_016],
  [/^(?:y|yrs?|years?)$/, 31_557_600],
];

/** What server.toml in a ConfigMap says; undefined for every other ConfigMap, and for what is no span. */
export function defaultRetention({ object }: Subject): Retention | undefined {
  const toml = (object?.data as Record<string, string> | undefined)?.["server.toml"];
  if (toml === undefined) return undefined;
  const [, text] = /^\s*default-retention-period\s*=\s*["']([^"'\n]*)["']/m.exec(toml) ?? [];
  // Without the key the server keeps everything, and so it does for no time at all.
  const seconds = text === undefined ? 0 : secondsOf(text);
  if (seconds === undefined) return undefined;
  return { seconds: seconds === 0 ? Infinity : seconds, text: text ?? "for ever" };
}

function secondsOf(span: string): number | undefined {
  if (!/^\s*(?:\d+\s*[A-Za-z]+\s*)+$/.test(span)) return span.trim() === "0" ? 0 : undefined;
  return [...span.matchAll(/(\d+)\s*([A-Za-z]+)/g)].reduce<number | undefined>(
    (sum, [, count, unit = ""]) => {
      const size = UNITS.find(([letters]) => letters.test(unit))?.[1];
      return sum === undefined || size === undefined ? undefined : sum + Number(count) * size;
    },
    0,
  );
}
