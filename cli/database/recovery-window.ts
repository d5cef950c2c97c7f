import type { Manifest } from "../../components/kubernetes/manifest.ts";

/** What the Barman Cloud plugin tells of the archive of one server name. */
export interface RecoveryWindow {
  /** The earliest moment that can be restored: the end of the oldest full backup. */
  from: Date;
  /** When the newest full backup ended. Logs of later moments follow it. */
  lastBackup: Date | undefined;
}

/** The recovery windows in an ObjectStore's status, by server name; only those with a full backup. */
export function recoveryWindows(store: Manifest | undefined): Record<string, RecoveryWindow> {
  const told: Record<string, { firstRecoverabilityPoint?: string; lastSuccessfulBackupTime?: string }> =
    store?.status?.serverRecoveryWindow ?? {};
  return Object.fromEntries(
    Object.entries(told).flatMap(([server, { firstRecoverabilityPoint: first, lastSuccessfulBackupTime }]) =>
      first
        ? [
            [
              server,
              {
                from: new Date(first),
                lastBackup: lastSuccessfulBackupTime ? new Date(lastSuccessfulBackupTime) : undefined,
              },
            ],
          ]
        : [],
    ),
  );
}

/** A full backup, as its Backup object tells. */
export interface FullBackup {
  name: string;
  /** As barman names it, such as `20261120T000000`. */
  id: string;
  stopped: Date;
}

/** The full backups that succeeded, oldest first. */
export function fullBackups(backups: readonly Manifest[]): FullBackup[] {
  return backups
    .filter(({ status }) => status?.phase === "completed" && status.backupId && status.stoppedAt)
    .map(({ metadata, status }) => ({
      name: metadata.name,
      id: status.backupId as string,
      stopped: new Date(status.stoppedAt),
    }))
    .toSorted((a, b) => a.stopped.getTime() - b.stopped.getTime());
}
