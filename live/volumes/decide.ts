import { posix } from "node:path";
import { bytes } from "../../config/quantity.ts";

/** The class whose volumes are made here, and what it names as its provisioner. */
export const storageClass = "standard";
export const provisioner = "attic-pulumi/live-volumes";

/** How large a volume is whose claim does not say. */
const defaultStorage = "1Gi";

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
  status?: { capacity?: { storage?: string } };
}

/** A volume, as far as it matters. */
export interface Volume {
  metadata: { name: string; deletionTimestamp?: string };
  spec: {
    storageClassName?: string;
    persistentVolumeReclaimPolicy?: string;
    local?: { path: string } | undefined;
    capacity?: { storage?: string };
  };
  status?: { phase?: string };
}

/** A volume that is too small for its claim by now. */
export interface Growth {
  name: string;
  path: string;
  claim: { namespace: string; name: string };
  /** What the claim asks for. */
  storage: string;
}

/** What has to be done. */
export interface Decisions {
  /** Volumes to make; the disk first. */
  make: VolumeManifest[];
  /** Volumes to make larger; the disk first, then the volume, then the claim. */
  grow: Growth[];
  /** Volumes to remove with their folders: their claims are gone, and nobody wants them kept. */
  remove: { name: string; path: string }[];
}

type VolumeManifest = ReturnType<typeof volumeOf>;

/** The annotation by which the scheduler says where the first pod of a claim will run. */
const chosen = "volume.kubernetes.io/selected-node";

/**
 * What claims and volumes make necessary. A volume is on the node that the scheduler chose, and stays there, as with a
 * disk of that node's own: whoever loses the node loses the volume.
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
    grow: claims.flatMap((claim) => grown(claim, volumes)),
    remove: volumes.flatMap(({ metadata, spec, status }) =>
      spec.storageClassName === storageClass &&
      spec.local &&
      spec.persistentVolumeReclaimPolicy !== "Retain" &&
      status?.phase === "Released"
        ? [{ name: metadata.name, path: spec.local.path }]
        : [],
    ),
  };
}

function grown({ metadata, spec, status }: Claim, volumes: readonly Volume[]): Growth[] {
  const volume = volumes.find(({ metadata }) => metadata.name === spec.volumeName);
  const path = volume?.spec.local?.path;
  const storage = spec.resources?.requests?.storage;
  if (spec.storageClassName !== storageClass || !volume || !path || !storage) return [];
  const has = [volume.spec.capacity?.storage, status?.capacity?.storage];
  if (!has.some((each) => each !== undefined && bytes(each) < bytes(storage))) return [];
  const { namespace, name } = metadata;
  return [{ name: volume.metadata.name, path, claim: { namespace, name }, storage }];
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
      capacity: { storage: spec.resources?.requests?.storage ?? defaultStorage },
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
  allowVolumeExpansion: true,
};
