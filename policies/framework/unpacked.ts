import { createRequire } from "node:module";
import { join } from "./unknown.ts";

// How Pulumi marks a secret on the wire.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Properties as they came over the wire. */
interface Wire {
  toJavaScript(): unknown;
}

type Unpack = (properties: Wire, keepSecrets: boolean) => object;

let shared = false;
const unpacked = new WeakMap<Wire, object>();
const origins = new WeakMap<object, Wire>();

/**
 * Has @pulumi/policy unpack each resource once instead of once for every policy, and keeps what it throws away: which
 * values are secret. The engine marks them, but policies are handed the bare values, so that a plain output could
 * not be told from a secret one.
 *
 * Should a later version unpack in another way, everything is as if this were not called: slower, and nothing can be
 * told of secrets.
 */
export function shareUnpacking(): void {
  if (shared) return;
  shared = true;
  const reader = createRequire(import.meta.url)("@pulumi/policy/deserialize") as {
    deserializeProperties?: Unpack;
  };
  const unpack = reader.deserializeProperties;
  if (unpack === undefined) return;
  reader.deserializeProperties = (properties, keepSecrets) => {
    // Remediations change what they are handed.
    if (keepSecrets) return unpack(properties, keepSecrets);
    const values = unpacked.get(properties) ?? unpack(properties, keepSecrets);
    unpacked.set(properties, values);
    origins.set(values, properties);
    return values;
  };
}

/** What stands behind the properties that a policy is handed, the same for all policies. */
export function valuesBehind(properties: object): object {
  // The proxy that reports unknown values gives away what it stands before.
  return (properties as { __getSpecialProxyTarget?: object }).__getSpecialProxyTarget ?? properties;
}

/** Paths of the secrets in a resource's properties; undefined where that cannot be seen. */
export function secretPaths(properties: object): ReadonlySet<string> | undefined {
  const origin = origins.get(valuesBehind(properties));
  return origin && new Set(secretsIn(origin.toJavaScript(), ""));
}

function* secretsIn(value: unknown, path: string): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  if ((value as Record<string, unknown>)[SIGNATURE] === SECRET) {
    yield path;
    return;
  }
  for (const [key, child] of Object.entries(value)) yield* secretsIn(child, join(path, key));
}
