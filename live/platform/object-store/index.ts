import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { signal } from "../../../embedded/control-plane/process.ts";
import { lastLines } from "../../../embedded/control-plane/state.ts";
import { buildGo, type ProgressListener } from "../../../embedded/toolchain/index.ts";
import { beside, endBeside, startBeside } from "../../nodes/beside.ts";
import type { LivePaths } from "../../paths.ts";
import { objectStoreKeys } from "./keys.ts";
import { endpoint, folder, health, listen, region } from "./place.ts";
import { ask } from "./requests.ts";

export { type AccessKeys, objectStoreKeys } from "./keys.ts";
export { endpoint as objectStoreEndpoint, region as objectStoreRegion } from "./place.ts";
export { ask, objectsIn, type S3Answer, type S3Request } from "./requests.ts";

/** Of the process, its log and its folder. */
const name = "object-store";

/** Measured on two cores with empty caches. */
const expectedMinutes = 2;

/**
 * A kept S3 server, the Versity S3 Gateway, at the version that go.mod pins, built if it has to be.
 * @returns path of the program
 * @throws ToolchainError when this machine cannot build it
 */
export const objectStore = (progress?: ProgressListener): Promise<string> =>
  buildGo({
    name: "versitygw",
    moduleDir: import.meta.dirname,
    pkg: "github.com/versity/versitygw/cmd/versitygw",
    ldflags: "-s -w",
    expectedMinutes,
    neededMiB: 1500,
    progress,
  });

/**
 * Starts the object store outside the cluster, as a provider's would be, unless it runs. What it holds is below the
 * root of `paths` and outlives it. It speaks HTTP: a stack has no setting for a provider's own certificate authority.
 * @param program what `objectStore` built
 * @returns whether it was started
 * @throws Error with the end of its log when it does not answer
 */
export async function startObjectStore(paths: LivePaths, program: string): Promise<boolean> {
  const { accessKeyId, secretAccessKey } = await objectStoreKeys(paths);
  const { objects, versions } = folder(paths);
  for (const each of [objects, versions]) await mkdir(each, { recursive: true, mode: 0o700 });
  const started = await startBeside(paths, {
    name,
    command: [
      program,
      `--port=${listen}`,
      `--region=${region}`,
      `--health=${health}`,
      "posix",
      `--versioning-dir=${versions}`,
      objects,
    ],
    env: { ROOT_ACCESS_KEY_ID: accessKeyId, ROOT_SECRET_ACCESS_KEY: secretAccessKey },
  });
  await answers(paths);
  return started;
}

/** Ends the object store, as a crash would with `SIGKILL`. What it holds stays. */
export const stopObjectStore = (paths: LivePaths, by?: "SIGTERM" | "SIGKILL"): Promise<void> =>
  endBeside(paths, name, by);

/** Has the object store accept connections and never answer, until `thawObjectStore`. */
export const freezeObjectStore = (paths: LivePaths): Promise<void> => tell(paths, "SIGSTOP");

/** Has it answer again. */
export const thawObjectStore = (paths: LivePaths): Promise<void> => tell(paths, "SIGCONT");

/**
 * Makes buckets that keep every version of their objects, unless they are there.
 * @throws Error with what the object store answered
 */
export async function makeBuckets(paths: LivePaths, names: readonly string[]): Promise<void> {
  const versioned =
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>';
  const requests = names.flatMap((bucket) => [
    { method: "PUT" as const, path: `/${bucket}` },
    { method: "PUT" as const, path: `/${bucket}?versioning`, body: versioned },
  ]);
  for (const [index, { status, text }] of (await ask(paths, requests)).entries()) {
    const there = text.includes("BucketAlreadyOwnedByYou");
    // 0 is no answer at all.
    if ((status < 200 || status >= 300) && !there)
      throw new Error(`${requests[index]?.path}: ${status} ${text}`);
  }
}

async function tell(paths: LivePaths, what: "SIGSTOP" | "SIGCONT"): Promise<void> {
  const running = await beside(paths, name);
  if (!running || !(await signal(running, what))) throw new Error("the object store does not run");
}

async function answers(paths: LivePaths): Promise<void> {
  for (let i = 0; i < 20; i++, await sleep(250)) {
    const [answer] = await ask(paths, [{ method: "GET", path: health }]);
    if (answer?.status === 200) return;
  }
  const end = await lastLines(join(paths.logs, `${name}.log`), 10);
  throw new Error(`the object store does not answer at ${endpoint}:\n${end}`);
}
