import type { z } from "zod";
import { ConfigError, type Mistake, nearest } from "./errors.ts";
import { resolve, type StackConfig } from "./resolve.ts";
import { rules } from "./rules/index.ts";
import { type ParsedSettings, settings } from "./schema/index.ts";
import { secretPaths } from "./secrets.ts";
import { childOf, shapeOf } from "./shape.ts";
import { valueAt } from "./value-at.ts";

/** Configuration as Pulumi hands it over: `attic:` keys with their values as text, objects as JSON. */
export interface RawConfig {
  /** Values by full key, for instance `attic:hostname`. Keys of other namespaces are left alone. */
  values: Record<string, string>;
  /** The full keys whose values are stored encrypted. */
  secretKeys: readonly string[];
  /**
   * The paths of secrets that stand in the stack's file in plain text, for instance `attic:database.external.password`.
   * Only the file tells them: to Pulumi a whole key is secret as soon as one value in it is encrypted.
   */
  plainSecrets?: readonly string[];
}

/**
 * Parses and checks a stack's configuration, once.
 * @param source where it came from, for the error message
 * @throws {ConfigError} that lists every mistake: the path, what was found, what is allowed, the nearest valid key
 */
export function loadStackConfig(raw: RawConfig, source: string): StackConfig {
  const found = decode(raw.values);
  const result = settings.safeParse(found);
  const mistakes = result.success ? [] : result.error.issues.flatMap((issue) => describe(issue, found));
  const wrong = mistakes.map(({ path }) => path.slice("attic:".length));

  // A rule is asked about whatever is valid by itself, so that one run tells every mistake.
  const parsed = result.success ? result.data : (validParts(settings, found) as ParsedSettings);
  for (const rule of rules) {
    if (rule.needs.some((need) => wrong.some((path) => overlaps(path, need)))) continue;
    const problem = rule.check(parsed);
    if (problem) mistakes.push({ path: `attic:${rule.at}`, found: show(rule.at.split("."), found), problem });
  }

  for (const path of secretPaths) {
    const at = `attic:${path.join(".")}`;
    const plain = !raw.secretKeys.includes(`attic:${path[0]}`) || raw.plainSecrets?.includes(at);
    if (valueAt(found, path) !== undefined && plain) {
      mistakes.push({
        path: at,
        problem: `is stored in plain text; set it with: pulumi config set --secret --path '${at}'`,
      });
    }
  }

  for (const key of providerSettings) {
    if (raw.values[key] === "true") continue;
    const problem =
      "must be true, or the Kubernetes provider deletes a ConfigMap or Secret and makes it anew at every change of it";
    mistakes.push({ path: key, found: raw.values[key], problem });
  }

  if (mistakes.length > 0 || !result.success) throw new ConfigError(source, mistakes);
  return resolve(result.data);
}

/** Settings of the Kubernetes provider that the program relies on; it can set them nowhere else. */
export const providerSettings = ["kubernetes:enableConfigMapMutable", "kubernetes:enableSecretMutable"];

/** `attic:` keys as an object: text stays text where the schema wants text, and is read as JSON elsewhere. */
function decode(values: Record<string, string>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    if (!key.startsWith("attic:")) continue;
    const name = key.slice("attic:".length);
    found[name] = wantsText(name) ? value : json(value);
  }
  return found;
}

function wantsText(name: string): boolean {
  const type = (settings.shape as Record<string, z.ZodType | undefined>)[name];
  return (
    type?.safeParse(1).error?.issues.some((i) => i.code === "invalid_type" && i.expected === "string") ??
    false
  );
}

function json(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** What is valid by itself, defaults in place, with holes where it is not. */
function validParts(type: z.ZodType, value: unknown): unknown {
  const shape = shapeOf(type);
  if (!shape) return type.safeParse(value).data;
  if (value === undefined && type.type === "optional") return undefined;
  const given = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return Object.fromEntries(
    Object.entries(shape).map(([key, child]) => [key, validParts(child, given[key])]),
  );
}

const overlaps = (a: string, b: string) => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);

function describe(issue: z.core.$ZodIssue, found: unknown): Mistake[] {
  const path = issue.path.map(String);
  const at = (keys: string[]) => `attic:${keys.join(".")}`;
  if (issue.code === "unrecognized_keys") {
    const allowed = keysAt(path);
    return issue.keys.map((key) => ({
      path: at([...path, key]),
      problem: `is not a key of ${path.length ? at(path) : "attic"}; allowed: ${allowed.join(", ")}`,
      suggestion: nearest(key, allowed),
    }));
  }
  if (issue.code === "invalid_key") {
    return [
      {
        path: at(path),
        problem: `is not named right: it must be ${issue.issues[0]?.message ?? issue.message}`,
      },
    ];
  }
  const value = valueAt(found, path);
  if (value === undefined) return [{ path: at(path), problem: `is required${expectation(issue)}` }];
  const suggestion =
    issue.code === "invalid_value" && typeof value === "string"
      ? nearest(value, issue.values.map(String))
      : undefined;
  return [{ path: at(path), found: show(path, found), problem: problemOf(issue), suggestion }];
}

function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${article(issue.expected)}`;
    case "invalid_value":
      return `must be one of: ${issue.values.join(", ")}`;
    case "too_small":
      return /^Too small/.test(issue.message)
        ? `must be at least ${issue.minimum}`
        : `must be ${issue.message}`;
    case "too_big":
      return /^Too big/.test(issue.message) ? `must be at most ${issue.maximum}` : `must be ${issue.message}`;
    default:
      return `must be ${issue.message}`;
  }
}

const expectation = (issue: z.core.$ZodIssue) =>
  issue.code === "invalid_type" ? `: ${article(issue.expected)}` : "";

function article(type: string): string {
  const names: Record<string, string> = {
    int: "a whole number",
    object: "an object",
    array: "a list",
    string: "a text",
  };
  return names[type] ?? `a ${type}`;
}

/** The keys that the schema allows at a path. */
function keysAt(path: string[]): string[] {
  const type = path.reduce<z.ZodType | undefined>((at, key) => at && childOf(at, key), settings);
  return Object.keys((type && shapeOf(type)) ?? {});
}

/** A value as it may be printed: whatever holds a secret is never shown. */
function show(path: string[], found: unknown): string | undefined {
  const value = valueAt(found, path);
  if (value === undefined) return undefined;
  if (secretPaths.some((secret) => overlaps(secret.join("."), path.join("."))))
    return "[hidden, it holds a secret]";
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
