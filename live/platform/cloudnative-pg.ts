import { operatorVersion } from "../../embedded/cloudnative-pg/binaries.ts";
import { type KubeObject, names, readManifest } from "../../embedded/cloudnative-pg/manifest.ts";
import { fetchCrds } from "../../embedded/toolchain/crd-fetch.ts";
import { crdSets } from "../../embedded/toolchain/crd-sets.ts";
import type { Part } from "./part.ts";

/**
 * One is not enough: the node that takes the primary with it may take the operator too, and nobody fails over until
 * the operator's pod has been evicted, five minutes later.
 */
const operators = 2;

/**
 * The real CloudNativePG operator, as it is released but for its image, which is on the nodes and not pulled, and for
 * a second replica on another node.
 * @throws ToolchainError when its module cannot be had
 */
export async function cloudNativePg(): Promise<Part> {
  const set = crdSets.find(({ name }) => name === "cloudnative-pg");
  if (!set) throw new Error("there is no set of definitions for CloudNativePG");
  const [definitions, manifest] = await Promise.all([fetchCrds(set), readManifest()]);
  const deployment = manifest.find(({ kind }) => kind === "Deployment");
  if (!deployment) throw new Error("CloudNativePG's manifest has no Deployment");
  return {
    name: "cloudnative-pg",
    is: `CloudNativePG ${operatorVersion()}`,
    images: [],
    objects: [...(definitions as unknown as KubeObject[]), ...manifest.map(onNodes)],
    rollouts: [{ kind: "deployment", name: deployment.metadata.name, namespace: names.namespace }],
  };
}

function onNodes(object: KubeObject): KubeObject {
  if (object.kind !== "Deployment") return object;
  const { template } = object.spec;
  const apart = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: object.spec.selector,
  };
  const containers = template.spec.containers.map((each: object) => ({
    ...each,
    imagePullPolicy: "IfNotPresent",
  }));
  return {
    ...object,
    spec: {
      ...object.spec,
      replicas: operators,
      template: {
        ...template,
        spec: { ...template.spec, containers, topologySpreadConstraints: [apart] },
      },
    },
  };
}
