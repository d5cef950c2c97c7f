import type { ICluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1";
import type { StackConfig } from "../../config/index.ts";
import { partOf } from "../attic/names.ts";
import { labels } from "../kubernetes/labels.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { archiving } from "./backup.ts";
import { bootstrap } from "./bootstrap.ts";
import { identity, name } from "./names.ts";
import { accessRules, parameters, synchronous } from "./parameters.ts";

const zone = "topology.kubernetes.io/zone";
const node = "kubernetes.io/hostname";

/**
 * The CloudNativePG Cluster: a primary and its replicas. The operator makes the pods, their volumes, the Services
 * `-rw`, `-ro` and `-r`, and the Secrets `-app` (the owner's password) and `-ca`. Its pods meet the `restricted` Pod
 * Security level by themselves.
 */
export function cluster(config: StackConfig): Manifest {
  const { awaitReady, instances, image, storage, resources } = config.database.cloudNativePg;
  const synchronousReplicas = synchronous(instances);
  return {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    metadata: {
      name,
      namespace: config.namespace,
      labels: labels(identity(image)),
      // What depends on the database starts when it is there, not when its description is.
      ...(awaitReady && { annotations: { "pulumi.com/waitFor": "condition=Ready" } }),
    },
    spec: {
      instances,
      imageName: image,
      // The operator labels its objects with name, component and version itself.
      inheritedMetadata: { labels: { "app.kubernetes.io/part-of": partOf } },
      ...bootstrap(config),
      ...archiving(config),
      enableSuperuserAccess: false,
      postgresql: {
        parameters: parameters(config),
        pg_hba: accessRules,
        ...(synchronousReplicas && { synchronous: synchronousReplicas }),
      },
      storage: {
        size: storage.size,
        ...(storage.storageClass && { storageClass: storage.storageClass }),
        resizeInUseVolumes: true,
      },
      resources,
      ...placement(config),
      ...updates(instances),
    },
  } satisfies ICluster;
}

/** No two instances on one node, or in one zone. Over nodes, the zones are still spread where it can be done. */
function placement({
  database,
}: StackConfig): Pick<ICluster["spec"], "affinity" | "topologySpreadConstraints"> {
  const zones = database.cloudNativePg.spreadOver === "zones";
  return {
    affinity: {
      enablePodAntiAffinity: true,
      podAntiAffinityType: "required",
      topologyKey: zones ? zone : node,
    },
    ...(!zones && {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: zone,
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: { "cnpg.io/cluster": name } },
        },
      ],
    }),
  };
}

/** How instances are changed, drained and stopped. Delays are in seconds, and the operator's own but for the first. */
function updates(instances: number) {
  return {
    // Replicas first, then the primary, without waiting for a person.
    primaryUpdateStrategy: "unsupervised",
    // In place: with `switchover` the operator refuses a new image together with new parameters, and the parameters
    // follow the autoscaler's maximum.
    primaryUpdateMethod: "restart",
    // A single instance cannot be drained without an interruption, and a budget would block the drain for ever.
    enablePDB: instances > 1,
    // For clients to leave by themselves, while nobody else is let in: Attic's pools keep their connections, so a restart
    // of the primary would have every new one refused for all of that time.
    smartShutdownTimeout: 0,
    // For PostgreSQL to stop at all.
    stopDelay: 1800,
    // For the old primary to archive everything. Less would promote sooner and could lose data.
    switchoverDelay: 3600,
  } satisfies Partial<ICluster["spec"]>;
}
