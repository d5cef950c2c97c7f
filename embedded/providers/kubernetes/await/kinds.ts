/** Which objects are waited for, and how. */
import { parseApiVersion } from "../gvk.ts";
import type { KubeObject } from "../object.ts";
import { daemonSet } from "./daemon-set.ts";
import { customResourceDefinition } from "./definition.ts";
import { deployment } from "./deployment.ts";
import { job } from "./job.ts";
import { namespace } from "./namespace.ts";
import { pod } from "./pod.ts";
import { replicaSet } from "./replica-set.ts";
import { service } from "./service.ts";
import { statefulSet } from "./stateful-set.ts";
import type { Waiter } from "./verdict.ts";
import { volumeClaim } from "./volume-claim.ts";
import { waitForAnnotation } from "./wait-for.ts";

const WAITERS: Record<string, Waiter> = {
  "/Namespace": namespace,
  "/PersistentVolumeClaim": volumeClaim,
  "/Pod": pod,
  "/Service": service,
  "apiextensions.k8s.io/CustomResourceDefinition": customResourceDefinition,
  "apps/DaemonSet": daemonSet,
  "apps/Deployment": deployment,
  "apps/ReplicaSet": replicaSet,
  "apps/StatefulSet": statefulSet,
  "batch/Job": job,
};

/** How to wait for an object: as its annotation says, else as its kind is waited for, else not at all. */
export function waiterFor(object: KubeObject): Waiter | undefined {
  return waitForAnnotation(object) ?? WAITERS[`${parseApiVersion(object.apiVersion).group}/${object.kind}`];
}
