import { parseTime } from "./time.ts";

/** The variable that sets the clock of every command, for rehearsals. */
export const CLOCK = "ATTICCTL_NOW";

/**
 * The time of a command: the clock's, or what the environment sets in its place.
 * @returns `said` with what a person must be told; undefined when the clock is the real one
 * @throws CliError when it is set to no time
 */
export function clockOf(env: NodeJS.ProcessEnv, real: Date): { now: Date; said?: string } {
  const set = env[CLOCK]?.trim();
  if (!set) return { now: real };
  const now = parseTime(set);
  return { now, said: `a rehearsal: ${CLOCK} sets the time to ${now.toISOString()}` };
}
