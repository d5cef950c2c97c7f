import { amount } from "../framework/amount.ts";
import { resourcePolicy } from "../framework/policy.ts";
import { integer } from "../framework/settings.ts";
import { CLUSTER, clusterOf } from "./cluster.ts";

/** A volume that is full stops the database, and no failover helps. */
export const databaseStorage = resourcePolicy({
  name: "database-storage",
  description: "The database's volumes are large enough, and its instances have requests and limits.",
  level: "mandatory",
  kinds: [CLUSTER],
  settings: { leastGibibytes: integer(10, "the least size of a volume, in GiB") },
  *check(subject, { leastGibibytes }) {
    const { storage, resources } = clusterOf(subject);
    const size = amount(storage?.size);
    if (size === undefined || size < leastGibibytes * 2 ** 30) {
      yield {
        field: "spec.storage.size",
        found: storage?.size,
        problem: `less than ${leastGibibytes} GiB`,
        fix: "Raise attic:database.cloudNativePg.storage.size; volumes grow in place and never shrink.",
      };
    }
    for (const path of ["requests.cpu", "requests.memory", "limits.memory"]) {
      const [kind, name] = path.split(".") as ["requests" | "limits", string];
      if ((resources?.[kind] as Record<string, unknown> | undefined)?.[name] !== undefined) continue;
      yield {
        field: `spec.resources.${path}`,
        problem: "the database competes with every other pod of its node",
        fix: "Set attic:database.cloudNativePg.resources.",
      };
    }
  },
});

/** A tag that moves restarts the database with another version on the day that a pod happens to be made anew. */
export const databaseImage = resourcePolicy({
  name: "database-image",
  description: "The database's image is pinned by digest, by a full version, or by a catalog.",
  level: "mandatory",
  kinds: [CLUSTER],
  *check(subject) {
    const { imageName, imageCatalogRef } = clusterOf(subject);
    if (imageCatalogRef || (imageName && /(@sha256:[0-9a-f]{64}|:\d+\.\d+[\w.-]*)$/.test(imageName))) return;
    yield {
      field: "spec.imageName",
      found: imageName,
      problem: "the version is not said in full",
      fix: "Name it with its minor version, for instance 17.5-minimal-bookworm, or by digest.",
    };
  },
});
