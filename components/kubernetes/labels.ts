/** The recommended labels of one workload, and of what belongs to it. */
export interface Identity {
  /** The workload, for instance `attic`; it selects its pods together with `component`. */
  name: string;
  /** Its role in the whole, for instance `api`. */
  component: string;
  /** What it is part of. */
  partOf: string;
  /** The running version; not part of the selector, which can never change. */
  version?: string;
}

/** Labels for an object's metadata. */
export function labels({ name, component, partOf, version }: Identity): Record<string, string> {
  return {
    ...selector({ name, component }),
    "app.kubernetes.io/part-of": partOf,
    "app.kubernetes.io/managed-by": "pulumi",
    ...(version && { "app.kubernetes.io/version": version }),
  };
}

/** Labels that select the workload's pods. They stay the same over every change of the rest. */
export function selector({ name, component }: Pick<Identity, "name" | "component">): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/component": component };
}

/** The version in an image reference, fit for a label: its tag, else the first 12 digits of its digest. */
export function imageVersion(image: string): string {
  const [, digest] = image.split("@sha256:");
  const tag = image.split("@")[0]?.match(/:([\w.-]+)$/)?.[1];
  return (tag ?? digest?.slice(0, 12) ?? "unknown").slice(0, 63);
}
