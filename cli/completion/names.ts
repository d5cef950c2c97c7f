import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { kinds } from "../../config/schema/tokens.ts";
import { readStackFile, stackNames } from "../../config/stack-file.ts";
import type { World } from "../world.ts";
import type { Names } from "./candidates.ts";

/**
 * Names out of the project's files. Pulumi is not asked and nothing is checked: whoever types waits, and a file with a
 * mistake has names, too. What cannot be read has none.
 */
export function namesIn({ env, cwd }: Pick<World, "env" | "cwd">): Names {
  const read = <T>(act: (folder: string) => T[]): T[] => {
    try {
      return act(projectFolder(cwd));
    } catch {
      return [];
    }
  };
  const setting = (folder: string, stack: string | undefined, key: string) => {
    const short = (stack || env.PULUMI_STACK || "").split("/").at(-1) as string;
    return JSON.parse(readStackFile(folder, short).values[`attic:${key}`] ?? "{}") as Record<string, object>;
  };
  return {
    stacks: () => read((folder) => stackNames(folder).toSorted()),
    tokens: (stack) =>
      read((folder) => {
        const tokens = setting(folder, stack, "tokens");
        return Object.keys(kinds).flatMap((kind) => Object.keys(tokens[kind] ?? {}));
      }),
    caches: (stack) => read((folder) => Object.keys(setting(folder, stack, "caches"))),
  };
}

/** The nearest folder with a Pulumi.yaml, from one upwards; else that one. */
function projectFolder(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (dirname(folder) === folder) return from;
  }
}
