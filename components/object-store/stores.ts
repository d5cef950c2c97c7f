import type { StackConfig } from "../../config/index.ts";
import { names } from "../attic/names.ts";
import { backupLifecycle, type LifecycleRule, narLifecycle } from "./lifecycle.ts";
import { type BucketAddress, backupAccess, narAccess, type PolicyDocument } from "./policies.ts";

/** One bucket, what it is for, and who uses it how. */
export interface Store {
  /** What it holds. */
  name: "nars" | "backups";
  /** The bucket's name, as the configuration gives it. */
  bucket: string;
  /** The workload whose data it is. */
  workload: string;
  lifecycle: LifecycleRule[];
  /** All that the workload's pods may do with it. */
  access(bucket: BucketAddress): PolicyDocument;
}

/** The buckets of a stack; no backups where the stack runs no database, or does not back it up. */
export function stores({ objectStore, database }: StackConfig): { nars: Store; backups?: Store } {
  const nars: Store = {
    name: "nars",
    bucket: objectStore.bucket,
    workload: names.api,
    lifecycle: narLifecycle(objectStore),
    access: narAccess,
  };
  const { backup } = database.cloudNativePg;
  if (database.provider !== "cloudNativePg" || !backup.enabled) return { nars };
  const backups: Store = {
    name: "backups",
    bucket: backup.bucket,
    workload: names.database,
    lifecycle: backupLifecycle(objectStore),
    access: (bucket) => backupAccess(bucket, backup.path),
  };
  return { nars, backups };
}
