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
import { importImages } from "./nodes/images.ts";
import { groundIsUp, nodeIsUp, startGround, startNode } from "./nodes/index.ts";
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
  /** Ends the wait for whatever can be ended at any moment; an update cannot. @default waits */
  orStop?: <T>(work: Promise<T>) => Promise<T>;
}

/**
 * Brings up what is missing: nodes, what a cluster has, and on it the stack.
 * @throws ToolchainError when a program cannot be had
 * @throws Error with the end of a log when something does not start; what runs by then goes on
 * @throws StackFailed when the update did not succeed
 */
export async function up(options: UpOptions): Promise<void> {
  const { paths, screen, stack = true, orStop = (work) => work } = options;
  const total = stack ? 8 : 5;
  await orStop(cluster(options, new Steps(screen, total)));
  if (!stack) return;
  const code = await upStack(paths, total, 5);
  if (code !== 0) throw new StackFailed(code);
  const rest = new Steps(screen, total, 6);
  await orStop(rest.run("caches", {}, () => told(atticctl(paths, ["caches", "sync"]))));
  await orStop(rest.run("verify", {}, () => told(atticctl(paths, ["verify", "--wait", "2m"]))));
}

/** The update failed, and has said why. */
export class StackFailed extends Error {
  readonly exitCode: number;

  /** @param exitCode of the update's own process */
  constructor(exitCode: number) {
    super("the update did not succeed");
    this.exitCode = exitCode;
  }
}

/** Everything that the stack stands on. */
async function cluster({ paths, nodes, attic }: UpOptions, steps: Steps): Promise<void> {
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
  await steps.run("images", { expectedMs: 15_000 }, () =>
    ensureImages(paths, made.programs, [made.server.image, ...made.parts.flatMap(({ images }) => images)]),
  );
  await steps.run("control plane", { expectedMs: 6_000 }, async (control) => {
    if (await groundIsUp(paths)) control.result("was running");
    else await startGround(paths, made.programs);
    await startObjectStore(paths, made.store);
    await startReceiver(paths);
    const { bucket } = made.config.objectStore;
    await makeBuckets(paths, [bucket, made.config.database.cloudNativePg.backup.bucket]);
  });
  await steps.run("nodes", { expectedMs: 15_000 }, async (control) => {
    const numbers = Array.from({ length: nodes }, (_, index) => index + 1);
    const up = await Promise.all(numbers.map((number) => nodeIsUp(paths, nodeOf(number))));
    const missing = numbers.filter((_, index) => !up[index]);
    await Promise.all(missing.map((number) => startNode(paths, made.programs, number)));
    await Promise.all(numbers.map((number) => importImages(paths, made.programs, number)));
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
}

/** @throws Error with what a command said that failed */
async function told(running: Promise<Said>): Promise<void> {
  const { code, stdout, stderr } = await running;
  if (code !== 0) throw new Error(`${stdout}${stderr}`.trim());
}

const following =
  (control: StepControl): ProgressListener =>
  (progress) =>
    control.status(shortProgress(progress));
