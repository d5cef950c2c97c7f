import type { Manifest } from "../../../components/kubernetes/manifest.ts";
import { configure, type PolicyConfig } from "../../../policies/framework/config.ts";
import type { Policy } from "../../../policies/framework/policy.ts";
import { type Finding, type Review, review } from "../../../policies/framework/review.ts";
import { type SubjectValues, subject } from "../../../policies/framework/subject.ts";

/** A Kubernetes object as the program would ask for it. */
export function kubernetes(manifest: Partial<Manifest>, more: Partial<SubjectValues> = {}): SubjectValues {
  const { apiVersion = "v1", kind = "ConfigMap" } = manifest;
  const version = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
  const { name = "attic", ...metadata } = manifest.metadata ?? {};
  return resource(
    `kubernetes:${version}:${kind}`,
    name,
    {
      ...manifest,
      apiVersion,
      kind,
      metadata: { name, ...(kind !== "Namespace" && { namespace: "nix-cache" }), ...metadata },
    },
    more,
  );
}

/** Any resource. */
export const resource = (
  type: string,
  name: string,
  properties: Record<string, unknown>,
  more: Partial<SubjectValues> = {},
): SubjectValues => ({ urn: `urn:pulumi:test::attic::${type}::${name}`, type, name, properties, ...more });

/** What one policy says of resources that are a whole stack. */
export function judge(
  policy: Policy,
  resources: SubjectValues | SubjectValues[],
  config: PolicyConfig = {},
): Review {
  return review(configure([policy], { [policy.name]: config }), {
    resources: [resources].flat().map(subject),
  });
}

/** The fields that a policy has something against, sorted. */
export const fields = ({ findings }: Review): string[] => findings.map(({ field }) => field).sort();

/** The one finding of a review. */
export function only({ findings }: Review): Finding {
  const [finding] = findings;
  if (findings.length !== 1 || !finding) throw new Error(`${findings.length} findings, not one`);
  return finding;
}
