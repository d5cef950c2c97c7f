import { formatDuration } from "../../time.ts";
import { type Census, type Table, tables } from "../census.ts";
import { isoTime, type Target } from "../target.ts";

/** How much the archive may lag behind: logs are sent after five minutes at the latest, and then they travel. */
export const allowedLag = 10 * 60;

/** One thing that a drill looks at. */
export interface Check {
  what: string;
  ok: boolean;
  said: string;
}

/** What was found, and what it should have been. */
export interface Findings {
  target: Target;
  /** The restored database. */
  restored: Census;
  /** The live one when the drill began, as of the target; undefined when it could not be counted. */
  live: Census | undefined;
}

/** Whether what was restored is what it should be. */
export function verdict({ target, restored, live }: Findings): Check[] {
  return [
    schemaCheck(restored),
    ...tables
      .filter((table) => live?.rows[table] !== undefined)
      .map((table) => rowsCheck(table, restored, live)),
    newestCheck(restored, live),
    ...(target.kind === "time" ? [targetCheck(target.time, restored)] : []),
  ];
}

function schemaCheck({ rows }: Census): Check {
  const missing = tables.filter((table) => rows[table] === undefined);
  const said = missing.length === 0 ? "all tables are there" : `missing: ${missing.join(", ")}`;
  return { what: "schema", ok: missing.length === 0, said };
}

/** Tables grow and shrink between the target and now, but none that has rows was empty at any moment worth restoring. */
function rowsCheck(table: Table, restored: Census, live: Census | undefined): Check {
  const [now, back] = [live?.rows[table] ?? 0, restored.rows[table] ?? 0];
  return {
    what: `rows of ${table}`,
    ok: now === 0 || back > 0 || live?.newest === undefined,
    said: `${back} restored, ${now} in the live database`,
  };
}

function newestCheck(restored: Census, live: Census | undefined): Check {
  const what = "newest object";
  const lag = lagOf(restored, live);
  const at = restored.newest ? `it is of ${isoTime(restored.newest)}` : "there is none";
  if (!live)
    return { what, ok: true, said: `${at}; the live database was not counted, so nothing is compared` };
  if (!live.newest) return { what, ok: true, said: `${at}; the live database had none either` };
  if (lag === undefined) return { what, ok: false, said: `${at}, but the live database had some` };
  const allowed = lag <= allowedLag;
  const compared = lag === 0 ? "nothing is missing" : `${formatDuration(lag)} of pushes are missing`;
  return {
    what,
    ok: allowed,
    said: `${at}: ${compared}${allowed ? "" : `, more than ${formatDuration(allowedLag)}`}`,
  };
}

function targetCheck(time: Date, { newest }: Census): Check {
  const after = newest !== undefined && newest > time;
  return {
    what: "target",
    ok: !after,
    said: after
      ? `an object of ${isoTime(newest)} is from after the target`
      : `nothing is from after ${isoTime(time)}`,
  };
}

/**
 * Seconds between the newest push that the live database knew and the newest one that was restored: what would have
 * been lost.
 * @returns undefined when that cannot be told
 */
export function lagOf(restored: Census, live: Census | undefined): number | undefined {
  if (!live?.newest || !restored.newest) return undefined;
  return Math.max(0, Math.ceil((live.newest.getTime() - restored.newest.getTime()) / 1000));
}
