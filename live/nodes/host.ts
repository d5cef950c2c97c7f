import { existsSync } from "node:fs";
import { mkdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readJson } from "../../embedded/control-plane/state.ts";
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

const file = (paths: LivePaths) => join(paths.root, "host.json");
const path = (setting: string) => join("/proc/sys", setting);

/** Prepares the machine, and remembers what it was like unless an earlier run has. */
export async function prepareHost(paths: LivePaths): Promise<void> {
  if (!existsSync(file(paths))) {
    const before: Before = {
      settings: Object.fromEntries(
        await Promise.all(settings.map(async (each) => [each, (await readFile(path(each), "utf8")).trim()])),
      ),
      made: mountPoints.filter((each) => !existsSync(each)),
    };
    await mkdir(paths.root, { recursive: true, mode: 0o700 });
    await writeFile(file(paths), JSON.stringify(before));
  }
  for (const each of mountPoints) await mkdir(each, { recursive: true });
}

/** Makes the machine what it was before the first node. */
export async function restoreHost(paths: LivePaths): Promise<void> {
  const before = await readJson<Before>(file(paths));
  for (const [setting, value] of Object.entries(before?.settings ?? {}))
    await writeFile(path(setting), value);
  // Not what somebody has put something into meanwhile.
  for (const each of before?.made ?? []) await rmdir(each).catch(() => {});
  await rm(file(paths), { force: true });
}
