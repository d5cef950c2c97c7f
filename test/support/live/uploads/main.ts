/**
 * A client of the caches, on the ground, that tells of every upload as soon as it is acknowledged: whoever reads it knows
 * what the server promised to keep, even when client and cluster are lost together. Told of uploads, it asks for them back.
 *
 *     node main.ts <work.json
 */
import { createHash, randomBytes } from "node:crypto";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { unzstd } from "../../../edge/attic-double/zstd.ts";
import { newHash, pathInfo } from "../../nix-path.ts";
import type { Download, Upload, Work } from "./upload.ts";

const lines = createInterface({ input: process.stdin });
const { value: asked } = await lines[Symbol.asyncIterator]().next();
const { endpoint, cache, token, rate, size, wanted } = JSON.parse(asked as string) as Work;
const authorization = `Bearer ${token}`;
const underWay = new Set<Promise<void>>();
let ended = false;
lines.on("close", () => {
  ended = true;
});

for (let next = performance.now(); rate > 0 && !ended; next += 1000 / rate) {
  await sleep(Math.max(0, next - performance.now()));
  const running: Promise<void> = upload()
    // What was not acknowledged was not promised.
    .catch(() => {})
    .finally(() => underWay.delete(running));
  underWay.add(running);
}
await Promise.all(underWay);
for (const each of wanted) tell(await download(each));
process.exit();

function tell(what: Upload | Download): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

async function upload(): Promise<void> {
  const nar = randomBytes(size);
  const hash = newHash();
  const sha256 = createHash("sha256").update(nar).digest("hex");
  const info = pathInfo(cache, hash, "upload", sha256, size);
  const sent = Date.now();
  const answer = await fetch(`${endpoint}/_api/v1/upload-path`, {
    method: "PUT",
    headers: { authorization, "x-attic-nar-info": JSON.stringify(info) },
    body: nar,
    signal: AbortSignal.timeout(60_000),
  });
  await answer.arrayBuffer();
  if (answer.ok) tell({ hash, sha256, sent, acknowledged: Date.now() });
}

async function download({ hash, sha256 }: Upload): Promise<Download> {
  let status = 0;
  try {
    const narinfo = await get(`${hash}.narinfo`);
    status = narinfo.status;
    const text = await narinfo.text();
    const [, url] = /^URL: (.+)$/m.exec(text) ?? [];
    if (!narinfo.ok || !url) return { hash, same: false, status };
    const answer = await get(url);
    const body = Buffer.from(await answer.arrayBuffer());
    const nar = answer.ok && /^Compression: zstd$/m.test(text) ? await unzstd(body) : body;
    return { hash, same: createHash("sha256").update(nar).digest("hex") === sha256, status };
  } catch {
    return { hash, same: false, status };
  }
}

function get(path: string): Promise<Response> {
  const signal = AbortSignal.timeout(60_000);
  return fetch(`${endpoint}/${cache}/${path}`, { headers: { authorization }, signal });
}
