import type { KubeObject } from "../../embedded/cloudnative-pg/manifest.ts";
import type { ImageSpec } from "../images/oci.ts";

/** Something that a cluster has before the stack comes to it. */
export interface Part {
  /** As a person calls it, such as `cert-manager`. */
  name: string;
  /** What of it is the real thing, and what is not, in a few words for the summary. */
  is: string;
  /** The images of its pods, which every node is given. */
  images: readonly ImageSpec[];
  /** Its objects, in the order in which they are applied; resource definitions first. */
  objects: readonly KubeObject[];
  /** Whose rollout has to be complete before the stack comes. */
  rollouts: readonly Rollout[];
}

/** A Deployment, DaemonSet or StatefulSet that has to be complete. */
export interface Rollout {
  kind: "deployment" | "daemonset" | "statefulset";
  name: string;
  namespace: string;
}
