import type { Call } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import type { Source } from "./source.ts";

/**
 * Refuses to bring a protected stack to what no commit says, which nobody could review or go back to.
 * @param expected files that may differ, from the project's folder
 * @throws CliError (refused)
 */
export function assertClean(
  { config, name }: OpenedStack,
  { changed }: Pick<Source, "changed">,
  { allowDirty = false, expected = [] }: { allowDirty?: boolean; expected?: readonly string[] } = {},
): void {
  const dirty = changed.filter((file) => !expected.includes(file));
  if (dirty.length === 0 || allowDirty || !config.deletionProtection) return;
  const shown = dirty.slice(0, 5).join(", ");
  throw new CliError(
    EXIT.refused,
    `${dirty.length} files differ from the commit: ${shown}${dirty.length > 5 ? ", …" : ""}; nothing was changed`,
    `commit them, so that stack ${name} is what somebody can read; or give --allow-dirty`,
  );
}

/**
 * Sees that the stack's cluster answers, which the engine would find out in the middle of its work.
 * @throws ClusterError
 */
export async function reachCluster(
  { world, say }: Pick<Call, "world" | "say">,
  stack: OpenedStack,
): Promise<void> {
  const cluster = await world.clusters.open(stack, world);
  try {
    say.print(`cluster: ${cluster.context} at ${cluster.server}, Kubernetes ${await cluster.version()}`);
  } finally {
    cluster.close();
  }
}
