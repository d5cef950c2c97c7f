import { isKubernetes, shortType } from "./paths.ts";
import type { RecordedResource, Recording } from "./record.ts";

/** A recording as a tree of components and resources, with what is protected and how much there is. */
export function tree({ resources }: Pick<Recording, "resources">): string {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const made = resources.filter(({ custom }) => custom);
  const objects = made.filter(isKubernetes).length;
  const count = `${plural(objects, "Kubernetes object")}, ${plural(made.length - objects, "other resource")}`;
  return [`${stack?.name}: ${count}`, ...branches(stack?.urn ?? "", resources, "")].join("\n");
}

function branches(parent: string, resources: RecordedResource[], indent: string): string[] {
  const children = resources
    .filter((resource) => resource.parent === parent)
    .toSorted((a, b) => Number(b.custom) - Number(a.custom) || a.urn.localeCompare(b.urn));
  return children.flatMap((child, index) => {
    const last = index === children.length - 1;
    const line = `${indent}${last ? "└─" : "├─"} ${shortType(child.type)} ${child.name}${child.protect ? " (protected)" : ""}`;
    return [line, ...branches(child.urn, resources, indent + (last ? "   " : "│  "))];
  });
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
