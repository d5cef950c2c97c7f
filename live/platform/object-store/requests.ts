import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { enteringGround } from "../../nodes/index.ts";
import type { LivePaths } from "../../paths.ts";
import { objectStoreKeys } from "./keys.ts";
import { endpoint, region } from "./place.ts";

/** A request of the S3 API. */
export interface S3Request {
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Path and query, such as `/bucket?versioning`. */
  path: string;
  body?: string;
}

/** What the object store answered; status 0 when it did not, with the reason. */
export interface S3Answer {
  status: number;
  text: string;
}

/**
 * Signs requests with the object store's keys and sends them one after the other, from beside the nodes.
 * @throws Error when nothing could be sent
 */
export async function ask(paths: LivePaths, requests: readonly S3Request[]): Promise<S3Answer[]> {
  const { accessKeyId, secretAccessKey } = await objectStoreKeys(paths);
  const { file, args, env } = await enteringGround(paths, [
    process.execPath,
    join(import.meta.dirname, "send.ts"),
  ]);
  const child = spawn(file, args, {
    env: {
      ...env,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
      AWS_ENDPOINT_URL: endpoint,
    },
  });
  child.stdin.end(JSON.stringify(requests));
  const [said, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code !== 0) throw new Error(`the object store could not be asked: ${complaint.trim()}`);
  return JSON.parse(said) as S3Answer[];
}

/** Most objects that S3 lists at once. */
const page = 1000;

/**
 * The keys of the objects in a bucket, sorted.
 * @param prefix what they begin with
 * @throws Error with what the object store answered
 */
export async function objectsIn(paths: LivePaths, bucket: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const query = new URLSearchParams({
      "list-type": "2",
      "max-keys": String(page),
      prefix,
      "start-after": found.at(-1) ?? "",
    });
    const [answer] = await ask(paths, [{ method: "GET", path: `/${bucket}?${query}` }]);
    if (answer?.status !== 200) throw new Error(`${bucket}: ${answer?.status} ${answer?.text}`);
    // Only keys without XML's special characters are stored here.
    const keys = [...answer.text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key as string);
    found.push(...keys);
    if (keys.length < page) return found;
  }
}
