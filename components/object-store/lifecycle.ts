import type { StackConfig } from "../../config/index.ts";

/** What S3 does to objects by itself, as `aws.s3.BucketLifecycleConfiguration` takes it. */
export interface LifecycleRule {
  id: string;
  status: "Enabled";
  /** Empty for every object. */
  filter: { objectSizeGreaterThan?: number };
  abortIncompleteMultipartUpload?: { daysAfterInitiation: number };
  noncurrentVersionExpiration?: { noncurrentDays: number };
  expiration?: { expiredObjectDeleteMarker: true };
  transitions?: { days: number; storageClass: "STANDARD_IA" }[];
}

type Days = Pick<StackConfig["objectStore"], "infrequentAccessAfterDays" | "noncurrentVersionDays">;

/** Days that an upload may take: no NAR and no base backup of Attic's database needs one of them. */
const uploadDays = 7;

/** Infrequent Access bills each object as 128 KiB at least. */
const smallestInfrequentAccess = 128 * 1024;

/**
 * The bucket of the NARs. Nothing expires while it is current: only Attic's garbage collector knows what nobody
 * needs any more, and an object that S3 removed would still be offered to clients.
 */
export function narLifecycle({ infrequentAccessAfterDays, noncurrentVersionDays }: Days): LifecycleRule[] {
  const infrequentAccess: LifecycleRule = {
    id: "infrequent-access",
    status: "Enabled",
    filter: { objectSizeGreaterThan: smallestInfrequentAccess },
    transitions: [{ days: infrequentAccessAfterDays, storageClass: "STANDARD_IA" }],
  };
  return [
    ...housekeeping(noncurrentVersionDays),
    ...(infrequentAccessAfterDays > 0 ? [infrequentAccess] : []),
  ];
}

/**
 * The bucket of the backups. barman-cloud alone decides when a backup goes, because a base backup and the
 * write-ahead logs after it are worth nothing without each other. Nor does anything move to Infrequent Access:
 * it bills 30 days at least, which is how long a backup is kept.
 */
export function backupLifecycle({
  noncurrentVersionDays,
}: Pick<Days, "noncurrentVersionDays">): LifecycleRule[] {
  return housekeeping(noncurrentVersionDays);
}

/** What any bucket with versions needs, or everything that was ever deleted would be paid for. */
function housekeeping(noncurrentDays: number): LifecycleRule[] {
  const every = { status: "Enabled", filter: {} } as const;
  return [
    {
      id: "unfinished-uploads",
      ...every,
      abortIncompleteMultipartUpload: { daysAfterInitiation: uploadDays },
    },
    {
      id: "old-versions",
      ...every,
      noncurrentVersionExpiration: { noncurrentDays },
      // The marker of a deletion has no use once the versions behind it are gone.
      expiration: { expiredObjectDeleteMarker: true },
    },
  ];
}
