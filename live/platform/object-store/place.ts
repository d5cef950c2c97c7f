import { join } from "node:path";
import { outsideAddress } from "../../addresses.ts";
import type { LivePaths } from "../../paths.ts";

/** Where the object store listens, outside the cluster. */
export const listen = `${outsideAddress}:7070`;

/** Its endpoint, as a stack and the clients of its caches are told it. */
export const endpoint = `http://${listen}`;

/** The region that signatures have to name. */
export const region = "eu-central-1";

/** Answers 200 without a signature. No bucket has such a name: theirs have no capitals. */
export const health = "/Health";

/** What it holds, and the keys to it; nobody else's to read. */
export function folder({ root }: LivePaths): Record<"objects" | "versions" | "keys", string> {
  const below = join(root, "object-store");
  return {
    /** The newest version of each object, as a file below its bucket's folder. */
    objects: join(below, "objects"),
    /** All older ones. */
    versions: join(below, "versions"),
    keys: join(below, "keys.json"),
  };
}
