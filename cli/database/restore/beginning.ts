import { formatDuration } from "../../time.ts";
import { type Archive, isoTime, startingBackup, type Target } from "../target.ts";

/** What a recovery begins with, as far as it is known: the full backup, and how long a time of logs follows it. */
export function beginning(target: Target, { window, backups }: Archive, now: Date): string {
  const end = target.kind === "time" ? target.time : now;
  const backup = startingBackup(target, backups);
  const last = window?.lastBackup;
  // The plugin tells of the newest one only, which is of use to a later target.
  const stopped = backup?.stopped ?? (last && last <= end ? last : undefined);
  if (!stopped) return "the newest full backup before the target";
  const logs = Math.max(0, (end.getTime() - stopped.getTime()) / 1000);
  const named = backup ? ` (${backup.id})` : "";
  const span = target.kind === "name" ? "" : `, ${formatDuration(logs)} before its end`;
  return `the full backup of ${isoTime(stopped)}${named}${span}`;
}
