import { isProvider, type Operation, type ResourceState } from "../../engine/events.ts";
import { shortType } from "./progress.ts";
import type { Screen } from "./screen.ts";

type Colours = Screen["colours"];

const MARKS: Record<string, string> = {
  create: "+",
  import: "+",
  update: "~",
  replace: "±",
  "create-replacement": "±",
  "delete-replaced": "±",
  delete: "-",
  same: " ",
};

/**
 * The resources of an operation as a tree of components, each resource with what happens to it and each
 * component with how many resources it has.
 *
 * @param onlyChanges leave out resources that stay as they are, and components with nothing else
 */
export function resourceTree(operation: Operation, colours: Colours, onlyChanges = false): string[] {
  const resources = [...operation.resources.values()].filter(({ type }) => !isProvider(type));
  const children = Map.groupBy(resources, ({ parent }) => parent);
  const known = new Set(resources.map(({ urn }) => urn));
  const roots = resources.filter(({ parent, type }) => !known.has(parent) && type !== "pulumi:pulumi:Stack");
  const stacks = resources.filter(({ type }) => type === "pulumi:pulumi:Stack");
  const top = [...stacks.flatMap(({ urn }) => children.get(urn) ?? []), ...roots];

  const branches = (nodes: ResourceState[], indent: string): string[] => {
    const shown = nodes
      .filter((node) => !onlyChanges || changesBelow(node, children) > 0)
      .sort((a, b) => Number(b.custom) - Number(a.custom) || a.urn.localeCompare(b.urn));
    return shown.flatMap((node, index) => {
      const last = index === shown.length - 1;
      const line = `${indent}${last ? "└─" : "├─"} ${label(node, children, colours, onlyChanges)}`;
      return [line, ...branches(children.get(node.urn) ?? [], indent + (last ? "   " : "│  "))];
    });
  };
  return branches(top, "");
}

function label(
  node: ResourceState,
  children: Map<string, ResourceState[]>,
  colours: Colours,
  onlyChanges: boolean,
): string {
  const name = `${shortType(node.type)} ${node.name}`;
  if (!node.custom) {
    const all = leaves(node, children);
    const share = onlyChanges ? `${changesBelow(node, children)} of ${all}` : all;
    return `${colours.bold(name)} ${colours.dim(`(${share})`)}`;
  }
  const paint = node.op === "create" ? colours.green : node.op === "delete" ? colours.red : colours.yellow;
  const mark = node.op === "same" ? " " : paint(MARKS[node.op] ?? "?");
  const diff = node.diff.length === 0 ? "" : colours.dim(`  ${node.diff.join(", ")}`);
  return `${mark} ${name}${diff}`;
}

function leaves(node: ResourceState, children: Map<string, ResourceState[]>): number {
  const below = children.get(node.urn) ?? [];
  return below.reduce((sum, child) => sum + leaves(child, children), node.custom ? 1 : 0);
}

function changesBelow(node: ResourceState, children: Map<string, ResourceState[]>): number {
  const below = children.get(node.urn) ?? [];
  const own = node.custom && node.op !== "same" ? 1 : 0;
  return below.reduce((sum, child) => sum + changesBelow(child, children), own);
}
