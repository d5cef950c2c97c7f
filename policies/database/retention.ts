const DAYS: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30 };

/** A retention of Barman in days, a month as 30; undefined for what is none. */
export function days(retention: unknown): number | undefined {
  const [, count, unit = ""] = /^([1-9]\d*)([dwm])$/.exec(String(retention)) ?? [];
  return count === undefined ? undefined : Number(count) * (DAYS[unit] as number);
}
