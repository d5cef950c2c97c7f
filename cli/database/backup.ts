import type { Command } from "commander";
import type { Call, Cli } from "../cli.ts";
import { openCluster } from "../cluster/index.ts";
import { parseDuration } from "../time.ts";
import { backupName, backupObject } from "./backup-object.ts";
import { type BackupResult, backupResult, followBackup } from "./follow-backup.ts";
import type { Live } from "./objects.ts";
import { requireBackups, requireDatabase } from "./require.ts";

interface Options {
  wait?: boolean;
  timeout: string;
}

/** Adds `backup`. */
export function addBackup(parent: Command, cli: Cli): void {
  parent
    .command("backup")
    .description("make a full backup now, beside the scheduled ones")
    .option("--wait", "wait for its end, and fail when it fails")
    .option("--timeout <span>", "how long to wait at most; the backup goes on after it", "4h")
    .action(cli.action<Options>(backup));
}

async function backup(call: Call<Options>): Promise<void> {
  const { world, options, say } = call;
  const timeout = parseDuration(options.timeout) * 1000;
  const stack = await call.open();
  requireBackups(stack);
  const cluster = await openCluster(world, stack);
  try {
    await requireDatabase(cluster);
    const made = await cluster.create<Live>(backupObject(stack.config, backupName(world.now)));
    const { name } = made.metadata;
    if (!options.wait) {
      call.print(backupResult(made), () => [
        `Backup ${name} is asked for.`,
        `How it goes: kubectl -n ${cluster.namespace} get backups.postgresql.cnpg.io ${name}`,
      ]);
      return;
    }
    const result = await followBackup(world, cluster, name, timeout, (phase) =>
      say.print(`${name}: ${phase}`),
    );
    call.print(result, () => [backupWords(result)]);
  } finally {
    cluster.close();
  }
}

/** One line on a backup that is complete. */
export function backupWords({ name, backupId, started, stopped }: BackupResult): string {
  const span = started && stopped ? `, from ${started} to ${stopped}` : "";
  return `Backup ${name} is complete${span}; its id is ${backupId ?? "unknown"}.`;
}
