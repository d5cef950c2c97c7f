import {
  type Generation,
  generationOf,
  generationsAt,
  iso,
  type Rotation,
  type Seconds,
  seconds,
} from "../../components/tokens/rotation.ts";
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
    const end = endOf(config, deployed, entry);
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

/** When the token of an entry ends by itself. */
function endOf(config: StackConfig, deployed: Deployed, { token, generation, expires }: Revoked) {
  if (expires) return secondsOf(expires);
  return token && generation ? endOfGeneration(config, deployed, token, generation) : undefined;
}

/**
 * When a generation of a token ends, or the latest time when it can: nobody remembers when the root tokens before the
 * deployed one were made, but it was before that one.
 * @returns undefined when it is not made yet, or is of a token that is not deployed
 */
export function endOfGeneration(
  { tokens }: StackConfig,
  deployed: Deployed,
  name: string,
  generation: number,
): Seconds | undefined {
  const published = deployed.tokens[name];
  if (!published || generation > published.generation) return undefined;
  const known = [published, published.previous].find((one) => one?.generation === generation);
  if (known) return secondsOf(known.expires);
  const rotation = tokens.ci[name] ?? tokens.readOnly[name] ?? tokens.service[name];
  const { expires } = rotation
    ? nthGeneration(generation, secondsOf(deployed.tokenAnchor), rotation)
    : generationOf(generation, secondsOf(published.issued), kinds[published.kind as Kind]);
  return expires;
}

/** A generation by its number; they follow each other at even distances. */
function nthGeneration(number: number, anchor: Seconds, rotation: Rotation): Generation {
  const { current } = generationsAt(anchor, anchor, rotation);
  return generationOf(number, anchor + (number - 1) * (current.rotates - current.issued), rotation);
}
