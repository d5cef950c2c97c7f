import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import lockfile from "proper-lockfile";
import { ensureDirectory } from "./cache.ts";

/**
 * Does something that only one process at a time may do. A process that dies holding the lock lets go
 * of it a few seconds later.
 *
 * @param path names the lock; the file need not exist
 * @param onWait called about twice a second while another process holds it, with that one's pid
 */
export async function withLock<T>(
  path: string,
  onWait: (holder: number | undefined) => void,
  action: () => Promise<T>,
): Promise<T> {
  await ensureDirectory(dirname(path));
  const release = await acquire(path, onWait);
  try {
    await writeFile(`${path}.holder`, `${process.pid}\n`, { mode: 0o600 });
    return await action();
  } finally {
    await rm(`${path}.holder`, { force: true });
    // A lock that was taken over meanwhile (this machine slept) is no longer ours to release.
    await release().catch(() => {});
  }
}

async function acquire(
  path: string,
  onWait: (holder: number | undefined) => void,
): Promise<() => Promise<void>> {
  for (let holder: number | undefined; ; await sleep(500)) {
    try {
      return await lockfile.lock(path, {
        realpath: false,
        // A holder freshens its lock every second. One that is no process here is almost surely dead;
        // the rest of the doubt is a cache shared with another machine.
        stale: holder === undefined || runs(holder) ? 15_000 : 3_000,
        update: 1_000,
        // Everything done under a lock ends in an atomic rename or under the kernel's own lock, so
        // losing it costs work done twice, nothing more; by default it would end the process.
        onCompromised: () => {},
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
    }
    const pid = Number.parseInt(await readFile(`${path}.holder`, "utf8").catch(() => ""), 10);
    holder = Number.isNaN(pid) ? undefined : pid;
    onWait(holder);
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
