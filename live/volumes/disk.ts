import { mkdir, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run.ts";

/** The file that a volume's file system is in; where it is mounted, the volume is. */
const image = (path: string) => `${path}${suffix}`;
const suffix = ".xfs";

/** XFS makes none that is smaller. */
const least = 300 * 1024 ** 2;

/**
 * Makes a volume: a file system of its own, and so of its own size. Its file takes as much of the machine's disk as is
 * written to it, not as it could hold. XFS, since root may make that larger while it is in use, where ext4 asks for more
 * rights than root has in a container.
 * @param path of the volume
 * @throws Error in the words of mkfs or mount
 */
export async function makeDisk(path: string, bytes: number): Promise<void> {
  if (await isMounted(path)) return;
  await mkdir(path, { recursive: true });
  await rm(image(path), { force: true });
  await writeFile(image(path), "");
  await truncate(image(path), Math.max(bytes, least));
  await run("mkfs.xfs", ["-q", image(path)]);
  await mount(path);
}

/** Makes a volume larger, while it is used. Not smaller: a file system never shrinks. */
export async function growDisk(path: string, bytes: number): Promise<void> {
  if ((await stat(image(path))).size < bytes) await truncate(image(path), bytes);
  const device = await run("losetup", ["--noheadings", "--output=NAME", "--associated", image(path)]);
  await run("losetup", ["--set-capacity", device.trim()]);
  await run("xfs_growfs", ["-d", path]);
}

/** Removes a volume with everything on it. */
export async function removeDisk(path: string): Promise<void> {
  if (await isMounted(path)) await run("umount", [path]);
  await rm(path, { recursive: true, force: true });
  await rm(image(path), { force: true });
}

/** Mounts every volume below a folder that is not, as after a start: those of nodes that were taken down. */
export async function mountAll(folder: string): Promise<void> {
  for (const node of await readdir(folder).catch(() => [])) {
    for (const name of (await readdir(join(folder, node))).filter((each) => each.endsWith(suffix))) {
      const path = join(folder, node, name.slice(0, -suffix.length));
      if (!(await isMounted(path))) await mount(path);
    }
  }
}

/** Why there can be no such volumes on this machine; undefined when there can. */
export async function refused(folder: string): Promise<string | undefined> {
  const path = join(folder, "try", "volume");
  try {
    await makeDisk(path, least);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await removeDisk(path);
    await rm(join(folder, "try"), { recursive: true, force: true });
  }
}

const mount = (path: string) => run("mount", ["-t", "xfs", "-o", "loop,nouuid", image(path), path]);

const isMounted = (path: string): Promise<boolean> =>
  run("mountpoint", ["-q", path]).then(
    () => true,
    () => false,
  );
