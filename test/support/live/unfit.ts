import type { Lack } from "../../../live/requirements.ts";

/**
 * What a machine that lacks this can have no real nodes for, in words; undefined where it can.
 * @throws Error when a command would help: a run that leaves its tests out for that has shown nothing
 */
export function unfit(lacking: readonly Lack[]): string | undefined {
  const never = lacking.filter(({ forNow }) => !forNow);
  if (never.length > 0) return never.map(({ what }) => what).join("; ");
  if (lacking.length > 0) {
    throw new Error(lacking.map(({ what, instead }) => `${what}: ${instead}`).join("; "));
  }
  return undefined;
}
