import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/**
 * Makes a folder for nodes, of which nothing is left when this process has ended, however that comes: a process of its own
 * waits for it.
 */
export function folderForNodes(): string {
  const folder = mkdtempSync(join(tmpdir(), "attic-live-"));
  const watcher = spawn(process.execPath, [join(import.meta.dirname, "left-over.ts"), folder], {
    // Ctrl-C reaches the whole group.
    detached: true,
    stdio: ["pipe", "inherit", "inherit"],
  });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref();
  return folder;
}
