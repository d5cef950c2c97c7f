/** The provider stand-ins: what they are, and how to put them on an engine's PATH. */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadProvider } from "./registry.ts";
import { type Served, serve } from "./serve.ts";
import { STAND_INS } from "./stand-ins.ts";

export { STAND_INS, type StandIn } from "./stand-ins.ts";

const BIN = join(dirname(fileURLToPath(import.meta.url)), "bin");

/**
 * Fills `dir` with the plugins called `names`, and nothing else, for the caller to put in front of PATH.
 *
 * @returns the absolute path of `dir`.
 */
export function standInPath(names: readonly string[], dir: string): string {
  const target = resolve(dir);
  mkdirSync(target, { recursive: true });
  for (const name of names) {
    if (!STAND_INS.some((standIn) => standIn.name === name)) {
      throw new Error(
        `no stand-in is called "${name}"; there are: ${STAND_INS.map((it) => it.name).join(", ")}`,
      );
    }
    const file = `pulumi-resource-${name}`;
    try {
      symlinkSync(join(BIN, file), join(target, file));
    } catch (error) {
      // A directory kept from an earlier run has it already.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return target;
}

/** Stand-ins served from this process. */
export interface Attached {
  /** To be merged into the engine's environment. */
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

/**
 * Serves the stand-ins called `names` from this process and returns the environment that makes an engine use them.
 * This saves the start of a process per plugin; the engine then does not warn about plugins found on PATH.
 *
 * @param env what the plugins would find in their environment, such as KUBECONFIG
 */
export async function attachStandIns(
  names: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Attached> {
  const served: [string, Served][] = await Promise.all(
    names.map(async (name): Promise<[string, Served]> => {
      const create = await loadProvider(name);
      return [name, await serve(() => create(env))];
    }),
  );
  const ports = served.map(([name, { port }]) => `${name}:${port}`).join(",");
  return {
    env: ports === "" ? {} : { PULUMI_DEBUG_PROVIDERS: ports },
    close() {
      for (const [, server] of served) server.close();
    },
  };
}
