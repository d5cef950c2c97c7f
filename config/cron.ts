import { CronExpressionParser } from "cron-parser";

const hour = 3600;
const day = 24 * hour;

/**
 * The longest time that passes between two runs of a cron schedule, in seconds, rounded up to whole hours: what an
 * alert has to wait for before it can say that a run is missing.
 * @param schedule five fields, minutes first, or six, seconds first; UTC. Numbers, names, `*`, `?`, ranges, lists
 *   and steps, as Kubernetes and CloudNativePG read them
 * @throws Error for a field that cannot be read, and for a schedule that never runs
 */
export function longestGap(schedule: string): number {
  const { hours, runsOn } = read(schedule);
  // Any eight years and a bit, so that a 29 February is among them twice. Minutes do not matter here.
  const start = Date.UTC(2024, 0, 1);
  let last: number | undefined;
  let longest = 0;
  for (let at = 0; at < 8 * 366 * day; at += day) {
    if (!runsOn(new Date(start + at * 1000))) continue;
    for (const each of hours) {
      const run = at + each * hour;
      if (last !== undefined) longest = Math.max(longest, run - last);
      last = run;
    }
  }
  if (longest === 0) throw new Error(`cannot read the schedule "${schedule}": it never runs`);
  return longest;
}

function read(schedule: string): { hours: number[]; runsOn: (date: Date) => boolean } {
  const [days = "", , weekDays = ""] = schedule.split(" ").slice(-3);
  try {
    const { hour, dayOfMonth, month, dayOfWeek } = CronExpressionParser.parse(schedule, { tz: "UTC" }).fields;
    const includes = (values: readonly unknown[], value: number) => values.includes(value);
    // With a day of the month and a day of the week, either will do; with one of them, that one.
    const either = !isOpen(days) && !isOpen(weekDays);
    return {
      hours: [...hour.values],
      runsOn: (date) => {
        const ofMonth = includes(dayOfMonth.values, date.getUTCDate());
        const ofWeek = includes(dayOfWeek.values, date.getUTCDay());
        return (
          includes(month.values, date.getUTCMonth() + 1) && (either ? ofMonth || ofWeek : ofMonth && ofWeek)
        );
      },
    };
  } catch (error) {
    throw new Error(`cannot read the schedule "${schedule}": ${(error as Error).message}`);
  }
}

// Beside a restricted field, CloudNativePG takes a step over all as open, Kubernetes as restricted; open is the
// longer gap.
const isOpen = (field: string) => field === "*" || field === "?" || field.startsWith("*/");
