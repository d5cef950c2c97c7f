import path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const PROJECT_DIR = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** The project's own policy pack. */
export const POLICIES = path.join(PROJECT_DIR, "policies");

/** The stack that `npm run local` stands up. */
export const LOCAL_STACK = "local";

/** Everything `npm run local` keeps; ignored by Git. */
export interface LocalPaths {
  root: string;
  controlPlane: string;
  engine: string;
  logs: string;
  lock: string;
}

/** Where things are kept, below `root`. */
export function localPaths(root = path.join(PROJECT_DIR, ".local")): LocalPaths {
  return {
    root,
    controlPlane: path.join(root, "control-plane"),
    engine: path.join(root, "pulumi"),
    logs: path.join(root, "logs"),
    lock: path.join(root, "run"),
  };
}

/** A path as a person would type it from where they are. */
export function shown(file: string, from = process.env.INIT_CWD ?? process.cwd()): string {
  const relative = path.relative(from, file);
  return relative.startsWith("..") ? file : relative || ".";
}
