import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { parseTime } from "../time.ts";
import type { FullBackup, RecoveryWindow } from "./recovery-window.ts";

/** The state of the database that is wanted back. */
export type Target =
  | { kind: "time"; time: Date }
  | { kind: "name"; name: string; backupId: string }
  | { kind: "latest" };

/** How a target is given on the command line. */
export interface TargetOptions {
  to?: string;
  toName?: string;
  backupId?: string;
  latest?: boolean;
}

/**
 * The target that the options name.
 * @throws CliError when they name none, or more than one
 */
export function targetOf({ to, toName, backupId, latest }: TargetOptions): Target {
  const given = [to, toName, latest || undefined].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new CliError(
      EXIT.usage,
      given.length === 0 ? "which state of the database?" : "only one state of the database can be restored",
      "give --to TIME, or --to-name NAME with --backup-id ID, or --latest",
    );
  }
  if ((backupId !== undefined) !== (toName !== undefined)) {
    throw new CliError(
      EXIT.usage,
      "--to-name and --backup-id go together: a restore point does not say which full backup comes before it",
      "the ids: kubectl -n NAMESPACE get backups.postgresql.cnpg.io -o custom-columns=ID:.status.backupId,STOPPED:.status.stoppedAt",
    );
  }
  if (toName !== undefined && backupId !== undefined) {
    if (!/^\d{8}T\d{6}$/.test(backupId)) {
      throw new CliError(
        EXIT.usage,
        `${JSON.stringify(backupId)} is no backup's id, such as 20261120T000000`,
      );
    }
    if (toName.trim() === "") throw new CliError(EXIT.usage, "--to-name is empty");
    return { kind: "name", name: toName, backupId };
  }
  return to === undefined ? { kind: "latest" } : { kind: "time", time: parseTime(to) };
}

/** The target as the stack's file takes it, under `restore`. */
export function targetSettings(target: Target): {
  targetTime?: string;
  targetName?: string;
  backupId?: string;
} {
  switch (target.kind) {
    case "time":
      return { targetTime: isoTime(target.time) };
    case "name":
      return { targetName: target.name, backupId: target.backupId };
    case "latest":
      return {};
  }
}

/** RFC 3339 in UTC, with fractions of a second where there are some. */
export const isoTime = (time: Date) => time.toISOString().replace(".000Z", "Z");

/** The target in words. */
export function targetWords(target: Target): string {
  switch (target.kind) {
    case "time":
      return `its state of ${isoTime(target.time)}`;
    case "name":
      return `its state at the restore point ${target.name}`;
    case "latest":
      return "its newest state";
  }
}

/** What is known of an archive. */
export interface Archive {
  /** The server name that it is under. */
  server: string;
  window: RecoveryWindow | undefined;
  /** All full backups that objects tell of, under whatever server name. */
  backups: FullBackup[];
}

/** Why a target cannot be restored out of an archive; undefined when nothing speaks against it. */
export function obstacle(
  target: Target,
  { server, window, backups }: Archive,
  now: Date,
): string | undefined {
  if (target.kind === "time" && target.time > now) {
    return `${isoTime(target.time)} is in the future`;
  }
  if (!window) return `the archive of ${server} has no full backup that the plugin tells of`;
  if (target.kind === "time" && target.time < window.from) {
    return `${isoTime(target.time)} is before ${isoTime(window.from)}, the earliest that the archive of ${server} can be restored to`;
  }
  // The objects may be lost where the archive is not.
  if (target.kind === "name" && backups.length > 0 && !startingBackup(target, backups)) {
    return `there is no full backup ${target.backupId}; the newest are ${newest(backups)}`;
  }
  return undefined;
}

const newest = (backups: readonly FullBackup[]) =>
  backups
    .slice(-3)
    .map(({ id }) => id)
    .join(", ");

/** The full backup that a restore begins with, as far as objects tell. */
export function startingBackup(target: Target, backups: readonly FullBackup[]): FullBackup | undefined {
  if (target.kind === "name") return backups.find(({ id }) => id === target.backupId);
  const before = target.kind === "time" ? target.time : undefined;
  return backups.findLast(({ stopped }) => !before || stopped <= before);
}
