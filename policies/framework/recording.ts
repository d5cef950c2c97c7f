import type { Recording } from "../../render/record.ts";
import { STACK_TYPE, type Stack, subject } from "./subject.ts";
import { join, UNKNOWN } from "./unknown.ts";

// What a recording shows in place of values; see render/mask.ts.
const SECRET = "[secret]";
const NOT_KNOWN = "[known after up]";

/** A recorded program for review. Secrets are masked in it, so they are unknown, and known to be secret. */
export function stackOf({ resources, outputs }: Recording): Stack {
  return {
    resources: resources.map(({ urn, type, name, inputs, protect, parent, dependsOn }) => {
      const secrets = new Set<string>();
      const properties = unmask(type === STACK_TYPE ? outputs : inputs, "", secrets);
      return subject({
        urn,
        type,
        name,
        properties: properties as Record<string, unknown>,
        protect,
        parent,
        dependencies: dependsOn,
        secrets,
      });
    }),
  };
}

function unmask(value: unknown, path: string, secrets: Set<string>): unknown {
  if (value === NOT_KNOWN) return UNKNOWN;
  if (value === SECRET) {
    secrets.add(path);
    return UNKNOWN;
  }
  if (Array.isArray(value))
    return value.map((item, index) => unmask(item, join(path, String(index)), secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, unmask(child, join(path, key), secrets)]),
  );
}
