import { day, generationOf, iso, type Seconds, seconds } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import { type Kind, kinds } from "../../config/schema/tokens.ts";
import type { Deployed } from "../deployed.ts";
import { secondsOf } from "../time.ts";
import { calendarAt, schedule } from "./schedule.ts";

type Revoked = StackConfig["tokens"]["revoked"][number];

/** An entry of `attic:tokens` → `revoked`, and whether it still does anything. */
export interface RevokedEntry extends Revoked {
  /** When what it refuses ends by itself, ISO 8601; undefined when nobody can tell any more. */
  ends?: string;
  /** Whether it may be taken out of the file. */
  removable: boolean;
  /** Why. */
  why: string;
}

/** The stack's revocations, and which of them may go. */
export function revocations(config: StackConfig, deployed: Deployed, now: Date): RevokedEntry[] {
  const due = calendarAt(schedule(config, deployed), now);
  return config.tokens.revoked.map((entry): RevokedEntry => {
    const end = endOf(deployed, entry, now);
    // Without the entry, the issue that it refuses would be the generation's again.
    const { current, previous } = (entry.token && due.get(entry.token)) || {};
    const inUse = [current, previous].some((one) => one && one.number === entry.generation);
    const ended = end !== undefined && end <= seconds(now);
    return {
      ...entry,
      ...(end !== undefined && { ends: iso(end) }),
      removable: ended && !inUse,
      why: whyOf(ended, inUse, end),
    };
  });
}

function whyOf(ended: boolean, inUse: boolean, end: Seconds | undefined): string {
  if (inUse) return ended ? "its generation is still the declared one" : "its generation is in use";
  if (end === undefined) return "nobody can tell when the token ends: remove it once you know";
  return ended ? "the token has ended by itself" : "the token would be taken without it";
}

/** When the token of an entry has ended by itself. */
function endOf(deployed: Deployed, { token, generation, expires }: Revoked, now: Date) {
  if (expires) return secondsOf(expires);
  return token && generation ? endOfGeneration(deployed, token, generation, now) : undefined;
}

/**
 * When every token of a generation has ended. Nobody remembers by which calendars it was minted, and every change of
 * them gave it another end; but a generation was never issued later than now, nor after so many of the longest validity
 * of its kind. A root token was not issued after the one that is deployed.
 * @returns undefined when it is not made yet, or is of a token that is not deployed
 */
export function endOfGeneration(
  { tokens, tokenAnchor }: Deployed,
  name: string,
  generation: number,
  now: Date,
): Seconds | undefined {
  const published = tokens[name];
  if (!published || generation > published.generation) return undefined;
  const longest = kinds[published.kind as Kind];
  const issued =
    published.kind === "root"
      ? secondsOf(published.issued)
      : Math.min(seconds(now), secondsOf(tokenAnchor) + (generation - 1) * longest.validityDays * day);
  return generationOf(generation, issued, longest).expires;
}
