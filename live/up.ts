import { writeFile } from "node:fs/promises";
import { locateEngine } from "../embedded/engine/locate.ts";
import { shortProgress } from "../embedded/engine/short-progress.ts";
import type { Screen } from "../embedded/local/terminal/screen.ts";
import { type StepControl, Steps } from "../embedded/local/terminal/steps.ts";
import type { ProgressListener } from "../embedded/toolchain/index.ts";
import { nodeOf } from "./addresses.ts";
import { attic as atticOf } from "./attic.ts";
import { ensureImages } from "./images/index.ts";
import { postgresqlImage } from "./images/postgresql.ts";
import { ground, importImages, nodeNamespaces, startGround, startNode } from "./nodes/index.ts";
import type { LivePaths } from "./paths.ts";
import { authority } from "./platform/cert-manager/index.ts";
import { platform } from "./platform/index.ts";
import { apply, complete } from "./platform/install.ts";
import { startReceiver } from "./platform/monitoring/index.ts";
import {
  makeBuckets,
  objectStore,
  objectStoreKeys,
  startObjectStore,
} from "./platform/object-store/index.ts";
import { ensurePrograms } from "./programs.ts";
import { rememberUp } from "./remembered.ts";
import { atticctl, type Said, upStack } from "./stack/deploy.ts";
import { makeProject } from "./stack/project.ts";
import { liveConfig, projectValues } from "./stack/settings.ts";

export interface UpOptions {
  paths: LivePaths;
  screen: Screen;
  /** How many nodes. */
  nodes: number;
  /** Path of an `atticd`, or of an archive of an image with one. @default the double */
  attic?: string;
  /** Whether the stack is stood up, or the cluster alone. @default true */
  stack?: boolean;
}

/**
 * Brings up what is missing: nodes, what a cluster has, and on it the stack.
 * @throws ToolchainError when a program cannot be had
 * @throws Error with the end of a log when something does not start; what runs by then goes on
 */
export async function up({ paths, screen, nodes, attic, stack = true }: UpOptions): Promise<void> {
  const total = stack ? 8 : 5;
  const steps = new Steps(screen, total);
  const made = await steps.run("programs", {}, async (control) => {
    const progress = following(control);
    const programs = await ensurePrograms(progress);
    const engine = await locateEngine({ progress: control.status });
    const server = await atticOf(attic, progress);
    const names = { attic: server.image.name, postgresql: (await postgresqlImage()).name };
    await makeProject(paths, engine, projectValues(names, await objectStoreKeys(paths)));
    const config = liveConfig(paths.project);
    const store = await objectStore(progress);
    return { programs, config, store, server, parts: await platform(config, progress) };
  });
  const images = await steps.run("images", { expectedMs: 15_000 }, () =>
    ensureImages(paths, made.programs, [made.server.image, ...made.parts.flatMap(({ images }) => images)]),
  );
  await steps.run("control plane", { expectedMs: 6_000 }, async (control) => {
    const running = await ground(paths);
    if (!running) await startGround(paths, made.programs);
    if (running) control.result("was running");
    await startObjectStore(paths, made.store);
    await startReceiver(paths);
    const { bucket } = made.config.objectStore;
    await makeBuckets(paths, [bucket, made.config.database.cloudNativePg.backup.bucket]);
  });
  await steps.run("nodes", { expectedMs: 15_000 }, async (control) => {
    const numbers = Array.from({ length: nodes }, (_, index) => index + 1);
    const missing: number[] = [];
    const running: number[] = [];
    for (const number of numbers) {
      ((await nodeNamespaces(paths, nodeOf(number))) ? running : missing).push(number);
    }
    await Promise.all(running.map((number) => importImages(paths, made.programs, number, images.made)));
    await Promise.all(missing.map((number) => startNode(paths, made.programs, number)));
    control.result(missing.length === 0 ? "were running" : `${missing.length} started`);
  });
  await steps.run("platform", { expectedMs: 40_000 }, async (control) => {
    for (const part of made.parts) {
      control.status(part.name);
      await apply(paths, part);
    }
    for (const part of made.parts) {
      control.status(`waiting for ${part.name}`);
      await complete(paths, part);
    }
    await writeFile(paths.authority, await authority(paths));
  });
  await rememberUp(paths, { attic: made.server.is, parts: made.parts.map(({ name, is }) => ({ name, is })) });
  if (!stack) return;
  if ((await upStack(paths, total, 5)) !== 0) throw new StackFailed();
  const rest = new Steps(screen, total, 6);
  await rest.run("caches", {}, () => told(atticctl(paths, ["caches", "sync"])));
  await rest.run("verify", {}, () => told(atticctl(paths, ["verify", "--wait", "2m"])));
}

/** The update failed, and has said why. */
export class StackFailed extends Error {}

/** @throws Error with what a command said that failed */
async function told(running: Promise<Said>): Promise<void> {
  const { code, stdout, stderr } = await running;
  if (code !== 0) throw new Error(`${stdout}${stderr}`.trim());
}

const following =
  (control: StepControl): ProgressListener =>
  (progress) =>
    control.status(shortProgress(progress));
