import type { Issued, Moments } from "../../components/tokens/calendar.ts";
import { issueOf } from "../../components/tokens/revocation.ts";
import {
  type Generation,
  generationOf,
  generationsAt,
  type Rotation,
  type Seconds,
} from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Kind } from "../../config/schema/tokens.ts";
import { secondsOf } from "../time.ts";

/** A token that rotates, or a root token that a person has to see to. */
export interface PlannedRotation {
  at: Seconds;
  name: string;
  kind: Kind;
  /** What is in use until then. */
  from: Pick<Issued, "number" | "issue">;
  /** What takes its place; undefined for a root token, which never rotates by itself. */
  to?: Pick<Issued, "number" | "issue">;
  /** Until when the old one is valid. */
  oldValidUntil: Seconds;
}

const rotating = ["ci", "readOnly", "service"] as const;

/**
 * What rotates after one time and until another, in the order of time: the same as looking at the calendar every day,
 * provided that updates run. Root tokens are told once, when they are due.
 * @param config whose root tokens all have their moment among `moments`
 */
export function rotationPlan(
  config: StackConfig,
  moments: Moments,
  { after, until }: { after: Seconds; until: Seconds },
): PlannedRotation[] {
  const issued = (name: string, { number }: Generation) => ({
    number,
    issue: issueOf(config, { name, generation: number }),
  });
  const byItself = rotating.flatMap((kind) =>
    Object.entries(config.tokens[kind]).flatMap(([name, rotation]) =>
      successions(secondsOf(moments.key), rotation, after, until).map(
        ([old, next]): PlannedRotation => ({
          at: next.issued,
          name,
          kind,
          from: issued(name, old),
          to: issued(name, next),
          oldValidUntil: old.expires,
        }),
      ),
    ),
  );
  const byHand = Object.entries(config.tokens.root).flatMap(([name, root]): PlannedRotation[] => {
    const current = generationOf(root.generation, secondsOf(moments.roots[name] as string), root);
    if (current.rotates <= after || current.rotates > until) return [];
    return [
      {
        at: current.rotates,
        name,
        kind: "root",
        from: issued(name, current),
        oldValidUntil: current.expires,
      },
    ];
  });
  return [...byItself, ...byHand].sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
}

/** The generations that take another's place within a time, each with that other one. */
function successions(
  anchor: Seconds,
  rotation: Rotation,
  after: Seconds,
  until: Seconds,
): [old: Generation, next: Generation][] {
  const found: [Generation, Generation][] = [];
  let { current } = generationsAt(after, anchor, rotation);
  while (current.rotates <= until) {
    const next = generationOf(current.number + 1, current.rotates, rotation);
    found.push([current, next]);
    current = next;
  }
  return found;
}
