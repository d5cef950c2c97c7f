import type { Cluster } from "../cluster/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { type Live, refs } from "./objects.ts";

/**
 * That a stack backs up a database of its own.
 * @throws CliError when it has none, or its backups are off
 */
export function requireBackups({ name, config }: OpenedStack): void {
  const { provider, cloudNativePg } = config.database;
  if (provider !== "cloudNativePg") {
    throw new CliError(
      EXIT.usage,
      `stack ${name} has an external database, which has backups of its own`,
      "ask whoever runs it",
    );
  }
  if (!cloudNativePg.backup.enabled) {
    throw new CliError(
      EXIT.usage,
      `stack ${name} makes no backups: database.cloudNativePg.backup.enabled is false`,
      "turn them on and bring the stack up: docs/backups.md",
    );
  }
}

/**
 * The live Cluster.
 * @throws CliError when there is none
 */
export async function requireDatabase(cluster: Cluster): Promise<Live> {
  return cluster.get<Live>(refs.cluster);
}
