import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { ToolchainError } from "./errors.ts";

/**
 * Checks that each disk holding one of the directories (which need not exist yet) has room.
 *
 * @param what what is being done, to begin the message with
 * @param neededMiB the room, in MiB, that each must have
 * @throws ToolchainError naming the directory, what is needed and what there is
 */
export async function requireSpace(
  what: string,
  directories: readonly string[],
  neededMiB: number,
): Promise<void> {
  for (const directory of directories) {
    const { bavail, bsize } = await statfs(await nearestExisting(directory));
    const freeMiB = Math.floor((bavail * bsize) / 2 ** 20);
    if (freeMiB < neededMiB) {
      throw new ToolchainError(
        `${what}: about ${Math.ceil(neededMiB)} MiB of disk are needed at ${directory}, and ${freeMiB} MiB are free.`,
        "Free some space, or point GOCACHE, GOMODCACHE and XDG_CACHE_HOME at a larger disk.",
      );
    }
  }
}

async function nearestExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    if (
      (await stat(at).then(
        () => true,
        () => false,
      )) ||
      at === dirname(at)
    )
      return at;
  }
}
