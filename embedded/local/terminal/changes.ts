import type { OpMap } from "@pulumi/pulumi/automation/index.js";

/** Words for the engine's operations, in the order people read them. */
const WORDS: [op: string, word: string][] = [
  ["create", "created"],
  ["import", "imported"],
  ["update", "updated"],
  ["replace", "replaced"],
  ["create-replacement", "created anew"],
  ["delete", "deleted"],
  ["same", "unchanged"],
];

/** "3 created, 12 unchanged"; "nothing" for no resources at all. */
export function changesText(changes: OpMap): string {
  const counts = changes as Record<string, number | undefined>;
  const known = WORDS.flatMap(([op, word]) => (counts[op] ? [`${counts[op]} ${word}`] : []));
  return known.length === 0 ? "nothing" : known.join(", ");
}

/** "3 to create, 1 to update". */
export function plannedText(changes: OpMap): string {
  const planned = Object.entries(changes).flatMap(([op, number]) => {
    if (!number) {
      return [];
    }
    return op === "same" ? [`${number} unchanged`] : [`${number} to ${op}`];
  });
  return planned.length === 0 ? "nothing" : planned.join(", ");
}
