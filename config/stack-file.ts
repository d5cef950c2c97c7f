import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { nearest } from "./errors.ts";
import type { RawConfig } from "./load.ts";
import { secretPaths } from "./secrets.ts";
import { valueAt } from "./value-at.ts";

/** What stands in for an encrypted value where nobody has the key to it. */
const encrypted = "[secret]";

/** The stacks that a project folder has a file for. */
export function stackNames(folder: string): string[] {
  return readdirSync(folder).flatMap((file) => file.match(/^Pulumi\.(.+)\.yaml$/)?.[1] ?? []);
}

/**
 * Reads the configuration in `Pulumi.<stack>.yaml` as Pulumi hands it to a program: objects as JSON, encrypted
 * values as a placeholder.
 * @throws Error that names the stacks there are, when there is no such file
 */
export function readStackFile(folder: string, stack: string): RawConfig {
  const stacks = stackNames(folder);
  if (!stacks.includes(stack)) {
    const meant = nearest(stack, stacks);
    const hint = meant ? `; did you mean ${meant}?` : ".";
    throw new Error(`there is no Pulumi.${stack}.yaml${hint} The stacks are: ${stacks.sort().join(", ")}`);
  }
  return parseStackFile(readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8"));
}

/** The same for the text of a stack file. */
export function parseStackFile(text: string): RawConfig {
  const { config = {} } = parse(text) as { config?: Record<string, unknown> };
  const raw: RawConfig & { secretKeys: string[] } = {
    values: {},
    secretKeys: [],
    plainSecrets: secretPaths
      .map((path) => `attic:${path.join(".")}`)
      .filter((path) => isPlain(config, path.split("."))),
  };
  for (const [key, value] of Object.entries(config)) {
    const { plain, hadSecret } = decrypt(value);
    raw.values[key] = typeof plain === "string" ? plain : JSON.stringify(plain);
    if (hadSecret) raw.secretKeys.push(key);
  }
  return raw;
}

function isPlain(config: unknown, path: string[]): boolean {
  const value = valueAt(config, path);
  return value !== undefined && !isEncrypted(value);
}

const isEncrypted = (value: unknown) =>
  typeof value === "object" && value !== null && Object.keys(value).join() === "secure";

function decrypt(value: unknown): { plain: unknown; hadSecret: boolean } {
  if (typeof value !== "object" || value === null) return { plain: value, hadSecret: false };
  if (isEncrypted(value)) return { plain: encrypted, hadSecret: true };
  const children = Object.entries(value).map(([key, child]) => [key, decrypt(child)] as const);
  const hadSecret = children.some(([, child]) => child.hadSecret);
  const plain = Object.fromEntries(children.map(([key, child]) => [key, child.plain]));
  return { plain: Array.isArray(value) ? Object.values(plain) : plain, hadSecret };
}
