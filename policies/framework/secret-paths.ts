import { createRequire } from "node:module";
import { join } from "./unknown.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

type Read = (properties: { toJavaScript(): unknown }, keepSecrets: boolean) => object;

const paths = new WeakMap<object, () => ReadonlySet<string>>();

/**
 * Remembers which values of a resource are secret. The engine marks them, but @pulumi/policy takes the marks off
 * before a policy sees a value, so that a plain output could not be told from a secret one. Here its reader is asked
 * to keep the paths. Should a later version read in another way, nothing can be told of secrets, and policies that
 * need it find nothing.
 */
export function watchSecrets(): void {
  const reader = createRequire(import.meta.url)("@pulumi/policy/deserialize") as {
    deserializeProperties?: Read;
  };
  const read = reader.deserializeProperties;
  if (read === undefined) return;
  reader.deserializeProperties = (properties, keepSecrets) => {
    const values = read(properties, keepSecrets);
    if (!keepSecrets) paths.set(values, () => new Set(secretsIn(properties.toJavaScript(), "")));
    return values;
  };
}

/** Paths of the secrets in a resource's properties as a policy gets them; undefined where that cannot be seen. */
export function secretPaths(properties: object): ReadonlySet<string> | undefined {
  // The proxy that reports unknown values gives away what it stands before.
  const values = (properties as { __getSpecialProxyTarget?: object }).__getSpecialProxyTarget ?? properties;
  return paths.get(values)?.();
}

function* secretsIn(value: unknown, path: string): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  if ((value as Record<string, unknown>)[SIGNATURE] === SECRET) {
    yield path;
    return;
  }
  for (const [key, child] of Object.entries(value)) yield* secretsIn(child, join(path, key));
}
