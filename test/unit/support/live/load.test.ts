import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const client = join(import.meta.dirname, "../../../support/live/load/main.ts");

let server: Server;
let seen: Set<string>;
beforeEach(async () => {
  seen = new Set();
  server = createServer(({ method, url, headers }, answer) => {
    seen.add(`${method} ${url} ${headers.authorization}`);
    answer.writeHead(404).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => server.close());

async function run(authorization?: string) {
  const child = spawn(process.execPath, [client], { stdio: ["pipe", "pipe", "inherit"] });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/main/a.narinfo`;
  child.stdin.end(JSON.stringify({ url, authorization, perSecond: 50, seconds: 1 }));
  return JSON.parse(await text(child.stdout));
}

describe("a burst of requests", () => {
  test("goes with the header that its input names, and tells what was answered", async () => {
    const { statusCodeStats, errors } = await run("Bearer a.b.c");
    expect([...seen]).toEqual(["GET /main/a.narinfo Bearer a.b.c"]);
    expect(Object.keys(statusCodeStats)).toEqual(["404"]);
    expect(errors).toBe(0);
  });

  test("goes without one when none is named", async () => {
    await run();
    expect([...seen]).toEqual(["GET /main/a.narinfo undefined"]);
  });
});
