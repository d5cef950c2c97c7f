import { posix } from "node:path";

/** The class whose volumes are made here, and what it names as its provisioner. */
export const storageClass = "standard";
export const provisioner = "attic-pulumi/live-volumes";

/** A claim, as far as it matters. */
export interface Claim {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec: {
    storageClassName?: string;
    volumeName?: string;
    accessModes?: string[];
    resources?: { requests?: { storage?: string } };
  };
}

/** A volume, as far as it matters. */
export interface Volume {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { storageClassName?: string; local?: { path: string } | undefined };
  status?: { phase?: string };
}

/** What has to be done. */
export interface Decisions {
  /** Volumes to make; the folder first. */
  make: VolumeManifest[];
  /** Volumes to remove with their folders: their claims are gone. */
  remove: { name: string; path: string }[];
}

type VolumeManifest = ReturnType<typeof volumeOf>;

/** The annotation by which the scheduler says where the first pod of a claim will run. */
const chosen = "volume.kubernetes.io/selected-node";

/**
 * What claims and volumes make necessary. A volume is a folder on the node that the scheduler chose, and stays there,
 * as with a disk of that node's own: whoever loses the node loses the volume.
 * @param folder of the volumes
 */
export function decide(folder: string, claims: readonly Claim[], volumes: readonly Volume[]): Decisions {
  const there = new Set(volumes.map(({ metadata }) => metadata.name));
  return {
    make: claims
      .filter(({ metadata, spec }) => spec.storageClassName === storageClass && !metadata.deletionTimestamp)
      .filter(({ metadata, spec }) => !spec.volumeName && metadata.annotations?.[chosen])
      .map((claim) => volumeOf(folder, claim))
      .filter(({ metadata }) => !there.has(metadata.name)),
    remove: volumes.flatMap(({ metadata, spec, status }) =>
      spec.storageClassName === storageClass && spec.local && status?.phase === "Released"
        ? [{ name: metadata.name, path: spec.local.path }]
        : [],
    ),
  };
}

function volumeOf(folder: string, { metadata, spec }: Claim) {
  const name = `volume-${metadata.uid}`;
  const node = metadata.annotations?.[chosen] as string;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": provisioner } },
    spec: {
      storageClassName: storageClass,
      accessModes: spec.accessModes ?? ["ReadWriteOnce"],
      capacity: { storage: spec.resources?.requests?.storage ?? "1Gi" },
      persistentVolumeReclaimPolicy: "Delete",
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
      },
      local: { path: posix.join(folder, node, name) },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
          ],
        },
      },
    },
  };
}

/** The class itself. */
export const storageClassManifest = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: {
    name: storageClass,
    annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
  },
  provisioner,
  reclaimPolicy: "Delete",
  volumeBindingMode: "WaitForFirstConsumer",
};
