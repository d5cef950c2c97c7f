import { isDeepStrictEqual } from "node:util";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { nameOf, typeOf } from "../../embedded/engine/events.ts";
import { parsePath, valueAt } from "../../embedded/providers/property-path.ts";
import { mask, secretMask } from "../../render/mask.ts";
import { kindOf, type Step } from "../../review/steps.ts";

/** Who moved: somebody changed the cluster, or something else is declared than was deployed. */
export type Moved = "cluster" | "declared";

/** One property that is not as it was deployed, or a whole resource. */
export interface Drifted {
  urn: string;
  /** What people call its type, such as `ConfigMap`. */
  kind: string;
  name: string;
  /** Path of the property; empty for the resource as a whole. */
  property: string;
  moved: Moved;
  /** What became of it, in words; secrets are masked. */
  found: string;
}

/** What controllers write into objects; a difference in it is nobody's. */
const theirs = /^(status|metadata\.(managedFields|resourceVersion|generation|uid|creationTimestamp))\b/;

/**
 * What is in the cluster otherwise than it was deployed.
 * @param events of a previewed refresh
 */
export function movedInCluster(events: readonly EngineEvent[]): Drifted[] {
  return events.flatMap(({ resOutputsEvent }): Drifted[] => {
    if (!resOutputsEvent) return [];
    const { op, urn, type, old, new: next, detailedDiff, diffs } = resOutputsEvent.metadata;
    const of = { urn, kind: kindOf({ type } as Step), name: nameOf(urn), moved: "cluster" as const };
    if (op === "delete") return [{ ...of, property: "", found: "is gone" }];
    if (op !== "update") return [];
    const [before, after] = [old, next].map((state) => mask(state?.inputs ?? {}));
    const paths = detailedDiff
      ? Object.keys(detailedDiff)
      : isDeepStrictEqual(before, after)
        ? []
        : (diffs ?? []);
    return paths
      .filter((path) => !theirs.test(path) && !isReplicas(typeOf(urn), path))
      .map((property) => {
        const [was, is] = [before, after].map((state) => words(valueAt(state, parsePath(property))));
        return { ...of, property, found: was === is ? "differs" : `${was} → ${is}` };
      });
  });
}

/** The autoscaler's to set; the program never says how many. */
const isReplicas = (type: string, path: string) => /:Deployment$/.test(type) && path === "spec.replicas";

/**
 * What is declared otherwise than it was deployed.
 * @param steps of a preview that asked nobody what is there
 */
export function movedInDeclaration(steps: readonly Step[]): Drifted[] {
  return steps.flatMap((step): Drifted[] => {
    const of = { urn: step.urn, kind: kindOf(step), name: step.name, moved: "declared" as const };
    switch (step.change) {
      case "keep":
        return [];
      case "add":
        return [{ ...of, property: "", found: "is not deployed" }];
      case "delete":
        return [{ ...of, property: "", found: "is not declared any more" }];
      default:
        return step.differs.map((property) => {
          const path = parsePath(property);
          const [was, is] = [step.before, step.after].map((state) => words(valueAt(state, path)));
          return { ...of, property, found: was === is ? "differs" : `${was} → ${is}` };
        });
    }
  });
}

/** The longest value that is shown whole. */
const longest = 60;

function words(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === secretMask) return "a secret";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > longest || text.includes("\n") ? "a longer text" : text;
}
