import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { readOnce } from "./bootstrap.ts";

/**
 * How Pulumi treats the Cluster, with which the operator deletes every volume. With deletionProtection it is neither
 * deleted nor replaced, and if somebody lifts that, the Cluster still stays where it is and only leaves the state.
 */
export function clusterOptions(config: StackConfig) {
  const { deletionProtection, database } = config;
  return {
    protect: deletionProtection,
    retainOnDelete: deletionProtection,
    ignoreChanges: readOnce(config),
    // A restore fetches a full backup and replays up to a schedule's worth of logs before the first instance is ready.
    customTimeouts: { create: database.cloudNativePg.restore ? "4h" : "30m", update: "30m" },
  } satisfies pulumi.CustomResourceOptions;
}
