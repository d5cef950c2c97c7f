import type { StackConfig } from "../../config/index.ts";
import { names } from "../attic/names.ts";
import { secretKeys } from "../attic/secrets.ts";
import { labels } from "../kubernetes/labels.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { identity, name } from "./names.ts";

interface SecretKey {
  name: string;
  key: string;
}

/**
 * The part of the Barman Cloud plugin's ObjectStore that is used here; nobody publishes types for it. Its test on
 * the real API server checks it against the plugin's own definition.
 */
interface IObjectStore {
  apiVersion: "barmancloud.cnpg.io/v1";
  kind: "ObjectStore";
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  spec: {
    configuration: {
      /** `s3://bucket/folder/`; below it each server name has a folder with `base` and `wals`. */
      destinationPath: string;
      /** The endpoint of an S3-compatible store; AWS when left out. */
      endpointURL?: string;
      /** The authority that signed the endpoint's certificate; the public ones when left out. */
      endpointCA?: SecretKey;
      s3Credentials: { inheritFromIAMRole: true } | { accessKeyId: SecretKey; secretAccessKey: SecretKey };
      wal: { compression: "gzip"; maxParallel: number };
      data: { compression: "gzip" };
    };
    /** How far back a restore must be possible: days, weeks or months, such as `30d`. */
    retentionPolicy: string;
    /** The container beside each instance that runs barman. */
    instanceSidecarConfiguration: {
      env: { name: string; value: string }[];
      resources: Record<"requests" | "limits", { cpu: string; memory: string }>;
    };
  };
}

/** Whether the instances reach the backups by an IAM role, rather than by the object store's access keys. */
export function usesRole({ objectStore, database }: StackConfig): boolean {
  return objectStore.provider === "aws" || database.cloudNativePg.roleArn !== undefined;
}

/** Where backups and write-ahead logs go, how they are packed and how long they are kept. */
export function objectStore(config: StackConfig): Manifest {
  const { backup, image } = config.database.cloudNativePg;
  const { endpoint, caSecret } = config.objectStore.s3;
  const key = (of: string): SecretKey => ({ name: names.secrets, key: of });
  return {
    apiVersion: "barmancloud.cnpg.io/v1",
    kind: "ObjectStore",
    metadata: { name, namespace: config.namespace, labels: labels(identity(image)) },
    spec: {
      configuration: {
        destinationPath: `s3://${backup.bucket}/${backup.path}`,
        ...(endpoint && { endpointURL: endpoint }),
        ...(caSecret && { endpointCA: caSecret }),
        s3Credentials: usesRole(config)
          ? { inheritFromIAMRole: true }
          : { accessKeyId: key(secretKeys.accessKeyId), secretAccessKey: key(secretKeys.secretAccessKey) },
        // A restore spends most of its time fetching logs of 16 MB one by one.
        wal: { compression: "gzip", maxParallel: 4 },
        data: { compression: "gzip" },
      },
      retentionPolicy: backup.retention,
      instanceSidecarConfiguration: {
        env: sidecarEnvironment(config.objectStore.region, endpoint !== undefined),
        // Idle it needs 30 to 60 MiB, a backup peaks at hundreds, and restoring 850 MiB was killed at a limit
        // of 512Mi (reports at cloudnative-pg/plugin-barman-cloud and its users).
        resources: {
          requests: { cpu: "50m", memory: "128Mi" },
          limits: { cpu: "1000m", memory: "1Gi" },
        },
      },
    },
  } satisfies IObjectStore;
}

function sidecarEnvironment(region: string, compatible: boolean): { name: string; value: string }[] {
  return [
    // Barman's S3 library knows this name only; EKS sets AWS_REGION.
    { name: "AWS_DEFAULT_REGION", value: region },
    // Newer S3 libraries send checksums that many compatible stores refuse.
    ...(compatible
      ? [
          { name: "AWS_REQUEST_CHECKSUM_CALCULATION", value: "when_required" },
          { name: "AWS_RESPONSE_CHECKSUM_VALIDATION", value: "when_required" },
        ]
      : []),
  ];
}
