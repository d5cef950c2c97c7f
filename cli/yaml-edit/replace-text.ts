import { isMap, isScalar, parseDocument } from "yaml";

/**
 * A YAML text in which the text at a path is another one, and everything else, comments too, is as it was.
 * @returns undefined when there is no plain text at the path, or it cannot be put in
 */
export function replaceText(text: string, path: readonly string[], value: string): string | undefined {
  const document = parseDocument(text);
  const node = document.getIn(path, true);
  if (document.errors.length > 0 || !isScalar(node) || typeof node.value !== "string" || !node.range) {
    return undefined;
  }
  if (node.anchor || node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED") return undefined;
  const [start, end] = node.range;
  const quote = node.type === "QUOTE_SINGLE" ? "'" : node.type === "QUOTE_DOUBLE" ? '"' : "";
  const edited = text.slice(0, start) + quote + value + quote + text.slice(end);
  const after = parseDocument(edited);
  document.setIn(path, value);
  const same = JSON.stringify(after.toJS()) === JSON.stringify(document.toJS());
  return after.errors.length === 0 && isMap(after.contents) && same ? edited : undefined;
}
