import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../embedded/toolchain/index.ts";
import { containerd } from "../nodes/files.ts";
import type { Packages } from "../packages.ts";
import type { LivePaths } from "../paths.ts";
import { run } from "../run.ts";

/** Below a containerd's folder: what never changes once it is there, so that nodes may share it. */
const shared = [
  "io.containerd.content.v1.content/blobs",
  "io.containerd.snapshotter.v1.overlayfs/snapshots",
] as const;

const folder = ({ root }: LivePaths) => join(root, "containerd-template");

/**
 * Imports the images into a containerd's folder that those of all nodes are made of: unpacked once instead of by each
 * node, they take a third of the time and of the disk.
 */
export async function ensureTemplate(paths: LivePaths, programs: Packages): Promise<void> {
  const template = folder(paths);
  await withLock(
    `${template}.lock`,
    () => {},
    async () => {
      const imported = join(template, "imported");
      await mkdir(imported, { recursive: true });
      const archives = (await readdir(paths.images)).filter((each) => each.endsWith(".tar"));
      const missing = archives.filter((each) => !existsSync(join(imported, each)));
      if (missing.length === 0) return;
      const config = join(template, "containerd.toml");
      await writeFile(config, containerd({ directory: template, cniPlugins: programs.cniPlugins }));
      const files = missing.map((each) => join(paths.images, each));
      const apart = [
        "--mount",
        "--pid",
        "--fork",
        "--kill-child=KILL",
        "--mount-proc",
        "--propagation=private",
      ];
      await run("unshare", [...apart, "sh", join(import.meta.dirname, "import.sh"), ...files], {
        env: {
          PATH: process.env.PATH,
          CONFIG: config,
          TOOLS: programs.path,
          LD_LIBRARY_PATH: programs.libraries,
        },
      });
      for (const each of missing) await writeFile(join(imported, each), "");
    },
  );
}

/** Makes a node's containerd folder out of the template, unless the node has one from before. */
export async function copyTemplate(paths: LivePaths, directory: string): Promise<void> {
  const target = join(directory, "containerd");
  if (existsSync(target)) return;
  const template = join(folder(paths), "containerd");
  const part = `${target}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true, mode: 0o711 });
  await run("cp", ["--archive", "--link", `${template}/.`, part]);
  // The rest, its databases above all, is each node's own.
  const own = await run("find", [
    part,
    "-type",
    "f",
    ...shared.flatMap((each) => ["-not", "-path", `${part}/${each}/*`]),
  ]);
  for (const file of own.split("\n").filter(Boolean)) {
    await run("cp", ["--archive", "--remove-destination", `${template}${file.slice(part.length)}`, file]);
  }
  await rename(part, target);
  await run("cp", ["--recursive", join(folder(paths), "imported"), directory]);
}
