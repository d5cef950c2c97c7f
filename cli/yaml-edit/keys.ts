import { isMap, isNode, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";
import { column, endOf, insertFlow, insertLines, isNothing, pairOf } from "./places.ts";

/**
 * Sets a text at a path of keys in a YAML file, and makes the mappings that lead there. Only that place of the text
 * changes; comments, order and layout of the rest stay as they are.
 * @returns undefined where the file is written in a way that nothing can be put into
 */
export function setText(text: string, path: readonly string[], value: string): string | undefined {
  const found = walk(text, path);
  if (!found) return undefined;
  const { map, pair, rest } = found;
  const written = JSON.stringify(value);
  if (pair && rest.length === 0) {
    if (!isScalar(pair.value)) return undefined;
    const { range } = pair.value;
    // A key without a value has none whose place could be taken.
    if (pair.value.value === null || !range) return undefined;
    return text.slice(0, range[0]) + written + text.slice(range[1]);
  }
  if (pair) {
    // A key with nothing under it: what comes next goes below its line.
    const indent = column(text, pair.key as Node) + 2;
    return map.flow ? undefined : insertLines(text, endOf(pair.key), blockLines(indent, rest, written));
  }
  if (map.flow) return insertFlow(text, map, flowText(rest, written));
  return insertLines(text, endOf(map), blockLines(column(text, map), rest, written));
}

/**
 * Takes what is at a path out of a YAML file, with the mappings that would be left empty. A comment behind it goes
 * along; those above it stay.
 * @returns the text as it was where there is nothing at the path; undefined where it cannot be taken out
 */
export function remove(text: string, path: readonly string[]): string | undefined {
  const found = walk(text, path);
  if (!found) return undefined;
  const { map, pair, rest } = found;
  if (!pair || rest.length > 0) return text;
  if (map.items.length === 1 && path.length > 1) return remove(text, path.slice(0, -1));
  return map.flow ? removeFlow(text, map, pair) : removeLines(text, pair);
}

interface Place {
  /** The innermost mapping on the path. */
  map: YAMLMap;
  /** What the mapping has at the path's next key, if anything. */
  pair: Pair | undefined;
  /** Keys that are not there yet; the last ones of the path. */
  rest: readonly string[];
}

function walk(text: string, path: readonly string[]): Place | undefined {
  const document = parseDocument(text);
  let node: unknown = document.contents;
  if (document.errors.length > 0 || !isMap(node)) return undefined;
  for (const [depth, key] of path.entries()) {
    const map: YAMLMap = node as YAMLMap;
    const pair = pairOf(map, key);
    const rest = path.slice(depth + 1);
    if (!pair) return { map, pair, rest: path.slice(depth) };
    if (rest.length === 0) return { map, pair, rest };
    if (isNothing(pair.value)) return { map, pair, rest };
    if (!isMap(pair.value)) return undefined;
    node = pair.value;
  }
  return undefined;
}

function blockLines(indent: number, [key, ...rest]: readonly string[], value: string): string[] {
  const name = `${" ".repeat(indent)}${key}:`;
  return rest.length === 0 ? [`${name} ${value}`] : [name, ...blockLines(indent + 2, rest, value)];
}

function flowText([key, ...rest]: readonly string[], value: string): string {
  return rest.length === 0 ? `${key}: ${value}` : `${key}: { ${flowText(rest, value)} }`;
}

function removeLines(text: string, { key, value }: Pair): string {
  const start = text.lastIndexOf("\n", (key as Node).range?.[0] ?? 0) + 1;
  const end = isNode(value) && !isNothing(value) ? endOf(value) : endOf(key);
  const next = text[end - 1] === "\n" ? end : text.indexOf("\n", end) + 1;
  return text.slice(0, start) + (next > 0 ? text.slice(next) : "");
}

function removeFlow(text: string, map: YAMLMap, pair: Pair): string | undefined {
  const items = map.items as Pair[];
  const at = items.indexOf(pair);
  const startOf = (one: Pair) => (one.key as Node).range?.[0] ?? 0;
  const endOfPair = (one: Pair) => (isNode(one.value) ? endOf(one.value) : endOf(one.key));
  const [previous, next] = [items[at - 1], items[at + 1]];
  if (previous) return text.slice(0, endOfPair(previous)) + text.slice(endOfPair(pair));
  return next && text.slice(0, startOf(pair)) + text.slice(startOf(next));
}
