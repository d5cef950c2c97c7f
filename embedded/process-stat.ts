import { readFileSync } from "node:fs";

/** What Linux tells of a process. */
export interface ProcessStat {
  /** Its program's name, of which 15 characters are kept. */
  name: string;
  /** One letter: `Z` has ended and is not yet reaped, `X` is going. */
  state: string;
  parent: number;
  /** Clock ticks since the machine's start. */
  startTime: string;
}

/** What /proc/PID/stat says; undefined when there is no such process. */
export function processStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is a name in brackets that may hold anything; the others are counted from after it.
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 2).split(" ");
  const [state = "", parent = ""] = fields;
  const startTime = fields[22 - 3] ?? "";
  return { name: text.slice(text.indexOf("(") + 1, end), state, parent: Number(parent), startTime };
}
