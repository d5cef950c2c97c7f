import { type Document, isMap, isSeq, type Node, parseDocument } from "yaml";
import { EngineError } from "./errors.ts";

/** A stack file made ready for an engine that must neither need nor touch the committed one. */
export interface PreparedStackFile {
  /** The YAML to write in the engine's own working directory. */
  text: string;
  /** Paths (`attic:database.password`) whose encrypted value was taken out. */
  withheld: string[];
}

/** Stands where an encrypted value was: it is set as a secret, so the program treats it as one. */
export const SECRET_PLACEHOLDER = "placeholder-for-an-encrypted-value";

/** Settings that decide how the values of a stack file are encrypted. */
const ENCRYPTION_KEYS = ["encryptionsalt", "encryptedkey", "secretsprovider"];

/** Tells whether a stack file was written with a passphrase or a key service of its own. */
export function hasOwnEncryption(text: string): boolean {
  const document = parseStackFile(text);
  return ENCRYPTION_KEYS.some((key) => document.has(key));
}

/** The salt that an engine added to its working copy, to be kept for the next run. */
export function encryptionSalt(text: string): string | undefined {
  const salt = parseStackFile(text).get("encryptionsalt");
  return typeof salt === "string" ? salt : undefined;
}

/**
 * Takes a stack file as it is and adds the salt of an earlier run, so that the engine does not spend a
 * quarter of a second on a new one each time.
 */
export function withSalt(text: string, salt: string | undefined): string {
  const document = parseStackFile(text);
  if (salt !== undefined && !ENCRYPTION_KEYS.some((key) => document.has(key))) {
    document.set("encryptionsalt", salt);
  }
  return document.toString();
}

/** Sets values by path (`attic:database.cloudNativePg.instances`), over what the file says. */
export function withSettings(text: string, settings: Readonly<Record<string, unknown>>): string {
  const document = parseStackFile(text);
  for (const [key, value] of Object.entries(settings)) {
    document.setIn(["config", ...key.split(".")], value);
  }
  return document.toString();
}

/**
 * Takes the encryption and every encrypted value out of a stack file, so that it can be read without the
 * passphrase or the key service that wrote it.
 */
export function withoutSecrets(text: string): PreparedStackFile {
  const document = parseStackFile(text);
  for (const key of ENCRYPTION_KEYS) {
    document.delete(key);
  }
  const withheld: string[] = [];
  const config = document.get("config");
  if (isMap(config)) {
    for (const pair of [...config.items]) {
      const key = String(pair.key);
      if (isSecure(pair.value)) {
        withheld.push(key);
        config.delete(pair.key);
      } else {
        withheld.push(...takeOutSecrets(pair.value as Node, key));
      }
    }
  }
  return { text: document.toString(), withheld };
}

function takeOutSecrets(node: unknown, path: string): string[] {
  const found: string[] = [];
  if (isMap(node)) {
    for (const pair of [...node.items]) {
      const at = `${path}.${String(pair.key)}`;
      if (isSecure(pair.value)) {
        found.push(at);
        node.delete(pair.key);
      } else {
        found.push(...takeOutSecrets(pair.value, at));
      }
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const at = `${path}[${index}]`;
      if (isSecure(item)) {
        found.push(at);
        node.set(index, SECRET_PLACEHOLDER);
      } else {
        found.push(...takeOutSecrets(item, at));
      }
    }
  }
  return found;
}

/** The engine's own rule: a map whose only key is `secure`, with a string value. */
function isSecure(node: unknown): boolean {
  return isMap(node) && node.items.length === 1 && typeof node.get("secure") === "string";
}

function parseStackFile(text: string): Document {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem) {
    throw new EngineError("config", `the stack file is not valid YAML: ${problem.message}`);
  }
  // An empty file is a stack without configuration.
  return document.contents === null ? parseDocument("{}") : document;
}
