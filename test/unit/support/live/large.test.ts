import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const client = join(import.meta.dirname, "../../../support/live/traffic/large.ts");
const size = 3_000_000;

let folder: string;
let server: Server;
/** What becomes of a NAR in the server's keeping. */
let keep: (nar: Buffer) => Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "large-"));
  const certificate = ["-keyout", "key.pem", "-out", "cert.pem", "-addext", "subjectAltName=DNS:localhost"];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"];
  execFileSync("openssl", [...request, ...certificate], { cwd: folder, stdio: "ignore" });
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(join(folder, name)));
  let nar = Buffer.alloc(0);
  server = createServer({ key, cert }, async (asked, answer) => {
    if (asked.method === "PUT") nar = await buffer(asked);
    if (asked.url?.endsWith(".narinfo")) answer.end("URL: nar/one.nar\nCompression: zstd\n");
    else if (asked.method === "PUT") answer.end("{}");
    else {
      const kept = keep(nar);
      const chunks = [kept.subarray(0, 1_000_000), kept.subarray(1_000_000)];
      answer.end(Buffer.concat(chunks.map((chunk) => zstdCompressSync(chunk))));
    }
  });
  await once(server.listen(0, "localhost"), "listening");
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

async function run(): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [client], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, "cert.pem") },
  });
  const work = {
    endpoint: `https://localhost:${(server.address() as AddressInfo).port}`,
    cache: "main",
    tokens: { push: "a", pull: "b" },
    size,
  };
  child.stdin.end(JSON.stringify(work));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number]>,
  ]);
  return { code, stdout, stderr };
}

describe("the client of one large path", () => {
  test("tells how long it took when it got back what it sent", async () => {
    keep = (nar) => nar;
    const { code, stdout, stderr } = await run();
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ pushSeconds: expect.any(Number), pullSeconds: expect.any(Number) });
  });

  test.each<[string, typeof keep]>([
    ["one byte of it is another", (nar) => Buffer.from(nar).fill(255 - (nar[size - 1] as number), size - 1)],
    ["the last byte is not there", (nar) => nar.subarray(0, -1)],
    ["there is nothing", () => Buffer.alloc(0)],
  ])("fails, and tells no figures, when %s", async (_, kept) => {
    keep = kept;
    const { code, stdout, stderr } = await run();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("download: what came back is not what was sent");
  });
});
