import { stringify } from "yaml";
import { isKubernetes, pathOf } from "./paths.ts";
import type { Recording } from "./record.ts";

/**
 * A recording as files, text by path: every Kubernetes object as YAML, every other resource as JSON, in a folder
 * for each component, and the stack's outputs.
 */
export function files({ resources, outputs }: Recording): Map<string, string> {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const written = new Map<string, string>();
  for (const resource of resources) {
    if (!resource.custom) continue;
    const path = pathOf(resource, byUrn);
    if (isKubernetes(resource)) {
      written.set(`${path}.yaml`, stringify(resource.inputs, yaml));
    } else {
      const { type, name, protect, inputs } = resource;
      written.set(`${path}.json`, json({ type, name, protect, inputs }));
    }
  }
  written.set("outputs.json", json(outputs));
  return new Map([...written].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** kubectl reads YAML 1.1, where a bare `on` is a boolean. */
const yaml = { lineWidth: 0, compat: "yaml-1.1" } as const;

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
