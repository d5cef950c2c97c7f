import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../../embedded/cloudnative-pg/manifest.ts";
import { goProcessEnvironment, runGo } from "../../../embedded/toolchain/go.ts";

/**
 * The version of a module that a go.mod pins, like `2.20.0`.
 * @throws Error when it pins none
 */
export function pinned(module: string, goMod: string): string {
  const version = new RegExp(`^\\s*(?:require )?${module} v(\\d+\\.\\d+\\.\\d+)\\b`, "m").exec(goMod)?.[1];
  if (!version) throw new Error(`go.mod does not pin a release of ${module}`);
  return version;
}

/** The same of the go.mod in a folder. */
export const pinnedIn = (folder: string, module: string): string =>
  pinned(module, readFileSync(join(folder, "go.mod"), "utf8"));

/**
 * Prometheus' own version: its module counts `0.MMmm.p` for M.m.p, as `0.315.0` for 3.15.0.
 * @param version of the module
 */
export function prometheusVersion(version: string): string {
  const [, major, minor, patch] = /^0\.(\d)(\d\d)\.(\d+)$/.exec(version) ?? [];
  if (!major) throw new Error(`${version} is no version of Prometheus' module`);
  return `${major}.${Number(minor)}.${patch}`;
}

/**
 * The objects of some files of a module, but for resource definitions.
 * @param folder of the go.mod that pins the module
 * @throws ToolchainError when the module cannot be had
 */
export async function manifestIn(
  folder: string,
  module: string,
  files: readonly string[],
): Promise<KubeObject[]> {
  const output = await runGo(`Fetching the manifest of ${module}`, ["mod", "download", "-json", module], {
    cwd: folder,
    // go.sum decides what it has to be.
    env: { ...goProcessEnvironment(), GOFLAGS: "" },
  });
  const { Dir } = JSON.parse(output) as { Dir: string };
  const texts = await Promise.all(files.map((file) => readFile(join(Dir, file), "utf8")));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as KubeObject));
}

/** An object of a manifest, moved to another namespace, with those that it names. */
export function moved(object: KubeObject, namespace: string): KubeObject {
  const subjects = object.subjects?.map((subject: object) => ({ ...subject, namespace }));
  const metadata = object.metadata.namespace ? { ...object.metadata, namespace } : object.metadata;
  return { ...object, metadata, ...(subjects && { subjects }) };
}
