/**
 * Uploads one large path and downloads it again, on the ground, never holding more of it than a piece, and compares. It
 * fails when either does, or when other bytes came back.
 *
 *     node large.ts <work.json          {"endpoint", "cache", "tokens": {"push", "pull"}, "size": bytes}
 */
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { request } from "node:https";
import process from "node:process";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { unzstdPieces } from "../../../edge/attic-double/zstd.ts";
import { newHash, pathInfo } from "../../nix-path.ts";
import type { LargeFigures, LargeWork } from "./work.ts";

const work = JSON.parse(await text(process.stdin)) as LargeWork;
const { endpoint, cache, tokens, size } = work;
const pieceSize = 1 << 20;

/** The same bytes each time, which no compression makes smaller. */
function* content(): Generator<Buffer> {
  const cipher = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
  const zeros = Buffer.alloc(pieceSize);
  for (let left = size; left > 0; left -= pieceSize)
    yield cipher.update(zeros.subarray(0, Math.min(left, pieceSize)));
}
const key = randomBytes(16);

const hash = newHash();
const summing = createHash("sha256");
for (const piece of content()) summing.update(piece);
const sum = summing.digest("hex");
const info = pathInfo(cache, hash, "large", sum, size);

const pushing = performance.now();
await new Promise<void>((resolve, reject) => {
  const sent = request(
    `${endpoint}/_api/v1/upload-path`,
    {
      method: "PUT",
      headers: {
        authorization: `Bearer ${tokens.push}`,
        "x-attic-nar-info": JSON.stringify(info),
        "content-length": size,
      },
    },
    async (response) => {
      const said = await text(response);
      if (response.statusCode === 200) resolve();
      else reject(new Error(`upload: ${response.statusCode} ${said.slice(0, 300)}`));
    },
  );
  sent.on("error", reject);
  Readable.from(content()).pipe(sent);
});
const pushSeconds = (performance.now() - pushing) / 1000;

const headers = { authorization: `Bearer ${tokens.pull}` };
const narinfo = await (await fetch(`${endpoint}/${cache}/${hash}.narinfo`, { headers })).text();
const url = /^URL: (.+)$/m.exec(narinfo)?.[1];
const pulling = performance.now();
const response = await fetch(`${endpoint}/${cache}/${url}`, { headers });
if (!response.ok || !response.body) throw new Error(`download: ${response.status}`);
const nar = /^Compression: zstd$/m.test(narinfo) ? unzstdPieces(response.body) : response.body;
const summingBack = createHash("sha256");
for await (const piece of nar) summingBack.update(piece);
const pullSeconds = (performance.now() - pulling) / 1000;
if (summingBack.digest("hex") !== sum) throw new Error("download: what came back is not what was sent");
const figures: LargeFigures = { pushSeconds, pullSeconds };
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit();
