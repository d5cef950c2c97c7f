import { createHash } from "node:crypto";
import path from "node:path";
import { PROJECT_DIR } from "../embedded/local/paths.ts";

/** Everything `npm run live` keeps; ignored by Git, and removed by `down`. */
export interface LivePaths {
  root: string;
  controlPlane: string;
  /** Configuration and state of one node, by its name. */
  node(name: string): string;
  logs: string;
  /** The engine's: the state of the stack, the passphrase, programs. */
  engine: string;
  /** Where the stack's files are, and where a person stands who works on it. */
  project: string;
  /** The certificate of the authority that signs the stack's. */
  authority: string;
  images: string;
  /** What runs: one file for each process that others are children of. */
  run: string;
  /** The volumes of the pods. */
  volumes: string;
  /** The folder of the nodes' cgroups, in every hierarchy: one for each root, so that two do not share theirs. */
  cgroups: string;
  /** Held by whoever changes something; beside the state, so that `down` can remove that. */
  lock: string;
}

/** Where things are kept, below `root`. */
export function livePaths(root = path.join(PROJECT_DIR, ".live")): LivePaths {
  const below = (name: string) => path.join(root, name);
  return {
    root,
    controlPlane: below("control-plane"),
    node: (name) => path.join(root, "nodes", name),
    logs: below("logs"),
    engine: below("pulumi"),
    project: below("project"),
    authority: below("authority.crt"),
    images: below("images"),
    run: below("run"),
    volumes: below("volumes"),
    cgroups: `attic-live-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`,
    lock: `${root}.lock`,
  };
}
