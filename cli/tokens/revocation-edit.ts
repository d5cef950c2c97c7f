import { isDeepStrictEqual } from "node:util";
import { isMap, isSeq, type Node, parseDocument } from "yaml";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { column, endOf, insertFlow, insertLines, isNothing, pairOf } from "../yaml-edit/places.ts";
import { replaceText } from "../yaml-edit/replace-text.ts";

/** An entry of `attic:tokens` → `revoked` as it is written. */
export interface RevocationEntry {
  token?: string;
  generation?: number;
  issue?: number;
  fragment?: string;
  /** ISO 8601, in UTC. */
  expires?: string;
  reason: string;
}

const key = { tokens: "attic:tokens", revoked: "revoked" } as const;

/**
 * Adds a revocation to the text of a Pulumi.<stack>.yaml. Text is put in at one place and the rest stays as it is, to
 * the last space: writing the whole document anew would lay it out anew.
 * @throws CliError with what to write by hand, when the file says it in a way that nothing can be put into
 */
export function addRevocation(text: string, entry: RevocationEntry): string {
  const edited = insert(text, entry);
  if (edited === undefined || !differsByEntry(text, edited, entry)) {
    const lines = ["config:", ...under(2, key.tokens, under(4, key.revoked, blockItem(6, entry)))];
    throw new CliError(
      EXIT.failed,
      `${key.tokens} is written in a way that nothing can be added to by machine; the file is as it was`,
      `add this by hand:\n${lines.join("\n")}`,
    );
  }
  return edited;
}

/**
 * Puts off the end of a revocation that the file has.
 * @param index its place in the list
 * @param expires ISO 8601, in UTC
 * @throws CliError with what to write by hand, when the file says it in a way that nothing can be put into
 */
export function lengthenRevocation(text: string, index: number, expires: string): string {
  const path = ["config", key.tokens, key.revoked, String(index), "expires"];
  const edited = replaceText(text, path, expires);
  if (edited !== undefined) return edited;
  throw new CliError(
    EXIT.failed,
    `${key.tokens} is written in a way that nothing can be changed in by machine; the file is as it was`,
    `write this by hand, in entry ${index + 1} of ${key.revoked}:\nexpires: ${JSON.stringify(expires)}`,
  );
}

function insert(text: string, entry: RevocationEntry): string | undefined {
  const document = parseDocument(text);
  const config = document.get("config", true);
  if (document.errors.length > 0 || !isMap(config)) return undefined;
  const tokens = pairOf(config, key.tokens);
  if (!tokens) {
    if (config.flow) return undefined;
    const indent = column(text, config);
    const lines = under(indent, key.tokens, under(indent + 2, key.revoked, blockItem(indent + 4, entry)));
    return insertLines(text, endOf(config), lines);
  }
  if (isNothing(tokens.value)) {
    const indent = column(text, tokens.key as Node) + 2;
    return insertLines(text, endOf(tokens.key), under(indent, key.revoked, blockItem(indent + 2, entry)));
  }
  if (!isMap(tokens.value)) return undefined;
  const revoked = pairOf(tokens.value, key.revoked);
  if (!revoked) {
    if (tokens.value.flow) return insertFlow(text, tokens.value, `${key.revoked}: [${flowItem(entry)}]`);
    const indent = column(text, tokens.value);
    return insertLines(text, endOf(tokens.value), under(indent, key.revoked, blockItem(indent + 2, entry)));
  }
  if (isNothing(revoked.value)) {
    if (tokens.value.flow) return undefined;
    return insertLines(text, endOf(revoked.key), blockItem(column(text, revoked.key as Node) + 2, entry));
  }
  if (!isSeq(revoked.value)) return undefined;
  if (revoked.value.items.length === 0 && revoked.value.flow && !tokens.value.flow) {
    const [start, end] = revoked.value.range as [number, number, number];
    const emptied = text.slice(0, start).trimEnd() + text.slice(end);
    return insertLines(emptied, endOf(revoked.key), blockItem(column(text, revoked.key as Node) + 2, entry));
  }
  return revoked.value.flow
    ? insertFlow(text, revoked.value, flowItem(entry))
    : insertLines(text, endOf(revoked.value), blockItem(column(text, revoked.value), entry));
}

/** Whether the entry, at its place, is all that the second text says more than the first. */
function differsByEntry(before: string, after: string, entry: RevocationEntry): boolean {
  const document = parseDocument(after);
  if (document.errors.length > 0) return false;
  const at = ["config", key.tokens, key.revoked];
  const old = parseDocument(before);
  const list = (old.toJS() as { config: { [key.tokens]?: { revoked?: unknown[] } | null } }).config[
    key.tokens
  ]?.revoked;
  // Made where it is missing, so that what is left to compare is the entry.
  if (!isMap(old.getIn(at.slice(0, 2)))) old.setIn(at.slice(0, 2), old.createNode({}));
  old.setIn(at, old.createNode([...(list ?? []), entry]));
  return isDeepStrictEqual(document.toJS(), old.toJS());
}

const under = (indent: number, name: string, lines: string[]) => [`${" ".repeat(indent)}${name}:`, ...lines];

function blockItem(indent: number, entry: RevocationEntry): string[] {
  return fields(entry).map((field, i) => `${" ".repeat(indent)}${i === 0 ? "- " : "  "}${field}`);
}

const flowItem = (entry: RevocationEntry) => `{ ${fields(entry).join(", ")} }`;

/** Texts stand in quotes: a time without them is no text to every reader of YAML. */
const fields = (entry: RevocationEntry) =>
  Object.entries(entry)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
