import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readJson } from "../embedded/control-plane/state.ts";
import type { LivePaths } from "./paths.ts";

/** What the last `up` brought, for the summary. */
export interface LastUp {
  /** What runs in Attic's pods. */
  attic: string;
  parts: readonly { name: string; is: string }[];
}

const file = (paths: LivePaths) => join(paths.run, "last-up.json");

export async function rememberUp(paths: LivePaths, last: LastUp): Promise<void> {
  await mkdir(paths.run, { recursive: true });
  await writeFile(file(paths), JSON.stringify(last));
}

export const lastUp = (paths: LivePaths): Promise<LastUp | undefined> => readJson<LastUp>(file(paths));
