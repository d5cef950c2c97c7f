import type { Recording } from "../../render/record.ts";
import type { MadePart } from "./parts.ts";

/**
 * In which step of an update each part is made, from 1: after all that its resources, or the components around them,
 * wait for. Parts of one step are made side by side. What the stack does not make has none.
 */
export function steps({ resources }: Recording, all: readonly MadePart[]): Map<string, number> {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const home = new Map(all.flatMap((part) => part.made.map(({ urn }) => [urn, part.id] as const)));
  const known = new Map<string, number>();

  const waitsFor = (urn: string): string[] => {
    const resource = byUrn.get(urn);
    return resource ? [...resource.dependsOn, ...waitsFor(resource.parent)] : [];
  };
  const stepOf = (urn: string): number => {
    const before = known.get(urn);
    if (before !== undefined) return before;
    const after = waitsFor(urn)
      .filter((other) => home.has(other) && other !== urn)
      .map((other) => stepOf(other) + (home.get(other) === home.get(urn) ? 0 : 1));
    const step = Math.max(1, ...after);
    known.set(urn, step);
    return step;
  };
  return new Map(
    all
      .filter(({ made }) => made.length > 0)
      .map(({ id, made }) => [id, Math.max(...made.map(({ urn }) => stepOf(urn)))]),
  );
}
