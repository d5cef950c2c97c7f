const hour = 3600;

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/**
 * The longest time that passes between two runs of a cron schedule, in seconds, rounded up to whole hours: what an
 * alert has to wait for before it can say that a run is missing.
 * @param schedule five fields, minutes first, or six, seconds first; UTC. Numbers, names, `*`, `?`, ranges, lists
 *   and steps, as Kubernetes and CloudNativePG read them
 * @throws Error for a field that it cannot read, and for a schedule that never runs
 */
export function longestGap(schedule: string): number {
  const fields = schedule.split(" ").slice(-4);
  const unreadable = (why: string) => new Error(`cannot read the schedule "${schedule}": ${why}`);
  if (fields.length < 4) throw unreadable("it needs five fields, or six with seconds");
  const [hours, days, months, weekDays] = fields as [string, string, string, string];
  const inHour = matcher(hours, 0, 23, [], unreadable);
  const inDay = matcher(days, 1, 31, [], unreadable);
  const inMonth = matcher(months, 1, 12, monthNames, unreadable);
  const inWeekDay = matcher(weekDays, 0, 6, dayNames, unreadable);
  // With a day of the month and a day of the week, either will do; with one of them, that one.
  const either = !isOpen(days) && !isOpen(weekDays);
  const runsOn = (date: Date) => {
    const day = inDay(date.getUTCDate());
    const weekDay = inWeekDay(date.getUTCDay());
    return inMonth(date.getUTCMonth() + 1) && (either ? day || weekDay : day && weekDay);
  };

  // Any eight years and a bit, so that a 29 February is among them twice. Minutes do not matter here.
  const start = Date.UTC(2024, 0, 1);
  const allHours = Array.from({ length: 24 }, (_, at) => at).filter(inHour);
  let last: number | undefined;
  let longest = 0;
  for (let day = 0; day < 8 * 366; day++) {
    if (!runsOn(new Date(start + day * 24 * hour * 1000))) continue;
    for (const at of allHours) {
      const run = (day * 24 + at) * hour;
      if (last !== undefined) longest = Math.max(longest, run - last);
      last = run;
    }
  }
  if (longest === 0) throw unreadable("it never runs");
  return longest;
}

// Beside a restricted field, CloudNativePG takes a step over all as open, Kubernetes as restricted; open is the
// longer gap.
const isOpen = (field: string) => field === "*" || field === "?" || field.startsWith("*/");

/** Whether a value is in a field, such as `*`, `7`, `mon-fri`, `0,30` or `8-18/2`. */
function matcher(
  field: string,
  min: number,
  max: number,
  names: string[],
  unreadable: (why: string) => Error,
): (value: number) => boolean {
  const value = (text: string) => {
    const named = names.indexOf(text.toLowerCase());
    const number = named >= 0 ? named + min : Number(text);
    if (text === "" || !Number.isInteger(number) || number < min || number > max) {
      throw unreadable(`"${text}" in "${field}" is not from ${min} to ${max}`);
    }
    return number;
  };
  const ranges = field.split(",").map((part) => {
    const [range = "", step] = part.split("/");
    const every = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(every) || every < 1) throw unreadable(`"${step}" in "${field}" is not a step`);
    if (range === "*" || range === "?") return { from: min, to: max, every };
    const [from = "", to] = range.split("-");
    const first = value(from);
    // `5/10` goes on to the end, `5` does not.
    const end = to !== undefined ? value(to) : step !== undefined ? max : first;
    if (end < first) throw unreadable(`"${range}" ends before it begins`);
    return { from: first, to: end, every };
  });
  return (at) => ranges.some(({ from, to, every }) => at >= from && at <= to && (at - from) % every === 0);
}
