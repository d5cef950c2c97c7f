import type { Settings } from "../config/schema/index.ts";
import { SHIPPED } from "../config/shipped.ts";
import { readStackFile } from "../config/stack-file.ts";
import program from "../index.ts";
import { secretMask, unknownMask } from "../render/mask.ts";
import { isKubernetes } from "../render/paths.ts";
import { record } from "../render/record.ts";

/** A Kubernetes object as a judge is shown it. */
export interface JudgedObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

/**
 * What the judges are asked about: every Kubernetes object that a stack as the project comes with it makes, as the
 * program registers it, with what a rendering cannot know filled in by `filledIn`.
 *
 * @param stack the name of a stack file, for instance `production`
 * @param now the time at which the program runs
 * @param settings instead of the stack file's, each as a whole
 */
export async function emittedManifests(
  stack: string,
  now: Date,
  settings: Partial<Settings> = {},
): Promise<JudgedObject[]> {
  const { values, secretKeys } = readStackFile(SHIPPED, stack);
  const changed = Object.entries(settings).map(([key, value]) => [`attic:${key}`, JSON.stringify(value)]);
  const config = { values: { ...values, ...Object.fromEntries(changed) }, secretKeys };
  const { resources } = await record(() => program(now), { stack, config });
  return resources.filter(isKubernetes).map(({ inputs }) => filledIn(inputs) as JudgedObject);
}

/** What a secret is, as far as judges are concerned. */
const secret = "not-a-secret";
/** What a value is that only an update computes: a role's ARN and checksums stand in annotations, where any text may. */
const unknown = "known-after-up";

/**
 * An object with harmless values where a rendering masks a secret or does not know a value. The data of a Secret is
 * masked as a whole: it becomes one key. Everything else is left as it is, so what judges say holds for what runs.
 */
export function filledIn(value: unknown): unknown {
  if (value === secretMask) return secret;
  if (value === unknownMask) return unknown;
  if (Array.isArray(value)) return value.map(filledIn);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === "stringData" && child === secretMask ? { key: secret } : filledIn(child),
    ]),
  );
}
