import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { withSettings } from "../../../embedded/engine/stack-file.ts";
import { ctl, paths } from "./world.ts";

const file = join(paths.project, "Pulumi.live.yaml");

/** The text of the stack's file. */
export const stackText = (): string => readFileSync(file, "utf8");

/** What the stack's file says of a setting, by a path such as `attic:api.scaling.minReplicas`. */
export const declared = (path: string): unknown =>
  path
    .split(".")
    .reduce(
      (at, key) => (at as Record<string, unknown> | undefined)?.[key],
      (parse(stackText()) as { config: unknown }).config,
    );

/**
 * Writes settings into the stack's file, by path, as a person does with an editor. Nothing follows of it before `deploy`.
 * @param text what it says else
 */
export const change = (settings: Readonly<Record<string, unknown>>, text = stackText()): void =>
  writeFileSync(file, withSettings(text, settings));

/** Has the cluster follow the stack's file, and verifies it. @throws Error with what `atticctl deploy` said */
export const deploy = (): Promise<string> => ctl("deploy", "--yes");

/** Has the stack's file say again what it said, and the cluster follow, when it says something else. */
export async function restore(text: string): Promise<void> {
  if (stackText() === text) return;
  writeFileSync(file, text);
  await deploy();
}
