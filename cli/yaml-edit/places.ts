import { isAlias, isCollection, isMap, isNode, isScalar, type Node, type Pair } from "yaml";

// Editing a YAML file by its text: writing the whole document anew would lay it out anew.

/** The pair of a key in a map. */
export const pairOf = (map: { items: unknown[] }, name: string) =>
  (map.items as Pair[]).find((pair) => isScalar(pair.key) && pair.key.value === name);

/** Whether a key has no value. */
export const isNothing = (value: unknown) => value === null || (isScalar(value) && value.value === null);

/** How many columns a node begins to the right of its line's beginning. */
export function column(text: string, { range }: Node): number {
  const start = range?.[0] ?? 0;
  return start - (text.lastIndexOf("\n", start - 1) + 1);
}

/** Where the last thing in a node ends; comments behind it are not in it. */
export function endOf(node: unknown): number {
  if (isCollection(node) && !node.flow && node.items.length > 0) {
    const last: unknown = node.items.at(-1);
    if (!isMap(node)) return endOf(last);
    const { key, value } = last as Pair;
    return isNode(value) && !isNothing(value) ? endOf(value) : endOf(key);
  }
  return (isNode(node) && node.range?.[1]) || 0;
}

/** Puts lines in below the line that a place is on. */
export function insertLines(text: string, at: number, lines: string[]): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const next = text[at - 1] === "\n" ? at : text.indexOf("\n", at) + 1;
  const block = lines.map((line) => line + newline).join("");
  return next > 0 ? text.slice(0, next) + block + text.slice(next) : text + newline + block;
}

/**
 * Puts an item at the end of what stands in brackets.
 * @returns undefined where the last item's end cannot be told
 */
export function insertFlow(
  text: string,
  node: Node & { items: unknown[] },
  item: string,
): string | undefined {
  const last = node.items.at(-1);
  const start = (node.range?.[0] ?? 0) + 1;
  if (last === undefined) {
    const space = isMap(node) ? " " : "";
    return text.slice(0, start) + space + item + space + text.slice(start).trimStart();
  }
  const value = isMap(node) ? (last as Pair).value : last;
  if (!isNode(value) || isAlias(value)) return undefined;
  const end = endOf(value);
  return `${text.slice(0, end)}, ${item}${text.slice(end)}`;
}
