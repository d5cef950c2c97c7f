import { shortProgress } from "../embedded/engine/short-progress.ts";
import type { Screen } from "../embedded/local/terminal/screen.ts";
import { type StepControl, Steps } from "../embedded/local/terminal/steps.ts";
import type { ProgressListener } from "../embedded/toolchain/index.ts";
import { nodeOf } from "./addresses.ts";
import { ensureImages, type Images } from "./images/index.ts";
import { ground, nodeNamespaces, startGround, startNode } from "./nodes/index.ts";
import type { LivePaths } from "./paths.ts";
import { cloudNativePg } from "./platform/cloudnative-pg.ts";
import { apply, complete } from "./platform/install.ts";
import { ensurePrograms } from "./programs.ts";

export interface UpOptions {
  paths: LivePaths;
  screen: Screen;
  /** How many nodes. */
  nodes: number;
}

/**
 * Brings nodes up, or what is missing of them, and the operator of databases.
 * @returns the images that pods may name
 * @throws ToolchainError when a program cannot be had
 * @throws Error with the end of a log when something does not start; what runs by then goes on
 */
export async function up({ paths, screen, nodes }: UpOptions): Promise<Images> {
  const steps = new Steps(screen, 5);
  const programs = await steps.run("programs", {}, (control) => ensurePrograms(following(control)));
  const images = await steps.run("images", { expectedMs: 6_000 }, () => ensureImages(paths, programs));
  await steps.run("control plane", { expectedMs: 6_000 }, async (control) => {
    const running = await ground(paths);
    if (!running) await startGround(paths, programs);
    if (running) control.result("was running");
  });
  await steps.run("nodes", { expectedMs: 4_000 }, async (control) => {
    const numbers = Array.from({ length: nodes }, (_, index) => index + 1);
    const missing: number[] = [];
    for (const number of numbers) {
      if (!(await nodeNamespaces(paths, nodeOf(number)))) missing.push(number);
    }
    await Promise.all(missing.map((number) => startNode(paths, programs, number)));
    control.result(missing.length === 0 ? "were running" : `${missing.length} started`);
  });
  await steps.run("database operator", { expectedMs: 10_000 }, async () => {
    const part = await cloudNativePg();
    await apply(paths, part);
    await complete(paths, part);
  });
  return images;
}

const following =
  (control: StepControl): ProgressListener =>
  (progress) =>
    control.status(shortProgress(progress));
