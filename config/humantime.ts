// Spans of time as the server's own library, the crate humantime, reads and counts them.

/** The most seconds that the server keeps: its column is a signed 32-bit number. */
export const mostSeconds = 2 ** 31 - 1;

/** Seconds in each of humantime's units: a month is 30.44 days, a year 365.25. */
const units: readonly [RegExp, number][] = [
  [/^(s|secs?|seconds?)$/, 1],
  [/^(m|mins?|minutes?)$/, 60],
  [/^(h|hrs?|hours?)$/, 3600],
  [/^(d|days?)$/, 86_400],
  [/^(w|weeks?)$/, 604_800],
  [/^(M|months?)$/, 2_630_016],
  [/^(y|years?)$/, 31_557_600],
];

/** Seconds in a span such as `90 days` or `1h 30m`, as the server's humantime counts them. */
export function secondsOf(span: string): number {
  return [...span.matchAll(/(\d+)\s*([A-Za-z]+)/g)].reduce((sum, [, count, word = ""]) => {
    const unit = units.find(([pattern]) => pattern.test(word));
    if (!unit) throw new Error(`${span} is no span: ${word} is no unit of time`);
    return sum + Number(count) * unit[1];
  }, 0);
}

/** Seconds as a span with one unit, such as `7 days`, `3 months` or `90 seconds`. */
export function spanOf(seconds: number): string {
  const names: [string, number][] = [
    ["year", 31_557_600],
    ["day", 86_400],
    ["month", 2_630_016],
    ["hour", 3600],
    ["minute", 60],
  ];
  const [name, size] = names.find(([, size]) => seconds > 0 && seconds % size === 0) ?? ["second", 1];
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
