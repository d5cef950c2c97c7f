import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readJson } from "../../embedded/control-plane/state.ts";
import { withLock } from "../../embedded/toolchain/index.ts";
import type { LivePaths } from "../paths.ts";

/** Settings of the whole machine that a kubelet changes when it starts. */
const settings = ["vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops"];

/** Folders that nodes mount a file system of their own on. */
const mountPoints = ["/var/lib/kubelet", "/var/lib/cni"];

/** What the machine was like before the first node. */
interface Before {
  settings: Record<string, string>;
  /** Folders that were not there. */
  made: string[];
}

/**
 * What is remembered of the machine, for all roots together: the second to come would take for the machine's own what the
 * first has changed, and the first to go would take away what the second stands on. It is gone with a reboot, as the
 * settings are.
 */
const folder = "/run/attic-live";
const before = join(folder, "before.json");
const roots = join(folder, "roots");
const rootFile = ({ cgroups }: LivePaths) => join(roots, cgroups);
const path = (setting: string) => join("/proc/sys", setting);
const alone = <T>(work: () => Promise<T>): Promise<T> => withLock(`${folder}.lock`, () => {}, work);

/** Prepares the machine for nodes, and remembers what it was like before those of any root. */
export const prepareHost = (paths: LivePaths): Promise<void> =>
  alone(async () => {
    await mkdir(paths.root, { recursive: true, mode: 0o700 });
    await mkdir(roots, { recursive: true, mode: 0o700 });
    if (!existsSync(before)) await writeFile(before, JSON.stringify(await look()));
    await writeFile(rootFile(paths), paths.root);
    for (const each of mountPoints) await mkdir(each, { recursive: true });
  });

async function look(): Promise<Before> {
  return {
    settings: Object.fromEntries(
      await Promise.all(settings.map(async (each) => [each, (await readFile(path(each), "utf8")).trim()])),
    ),
    made: mountPoints.filter((each) => !existsSync(each)),
  };
}

/** Makes the machine what it was before the first node, unless nodes of another root are left. */
export async function restoreHost(paths: LivePaths): Promise<void> {
  if (!existsSync(rootFile(paths))) return;
  await alone(async () => {
    await rm(rootFile(paths), { force: true });
    for (const each of await readdir(roots).catch(() => [])) {
      if (existsSync(await readFile(join(roots, each), "utf8"))) return;
    }
    const was = await readJson<Before>(before);
    for (const [setting, value] of Object.entries(was?.settings ?? {})) await writeFile(path(setting), value);
    // Not what somebody has put something into meanwhile.
    for (const each of was?.made ?? []) await rmdir(each).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  });
}
