import type { KubeObject } from "../../embedded/cloudnative-pg/manifest.ts";
import { fetchCrds } from "../../embedded/toolchain/crd-fetch.ts";
import { crdSets } from "../../embedded/toolchain/crd-sets.ts";

/**
 * The resource definitions of one project, at the version that the stack is written for.
 * @param name as in embedded/toolchain/crd-sets.ts
 * @throws ToolchainError when they cannot be had
 */
export async function definitions(name: string): Promise<KubeObject[]> {
  const set = crdSets.find((each) => each.name === name);
  if (!set) throw new Error(`there is no set of definitions called ${name}`);
  return (await fetchCrds(set)).map((crd) => ({ apiVersion: "apiextensions.k8s.io/v1", ...crd }));
}
