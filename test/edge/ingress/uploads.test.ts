import { once } from "node:events";
import type { ClientRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerTo, ask, begin } from "./client.ts";
import type { EdgeStack } from "./stack.ts";
import { type Stub, stubHeaders } from "./stub.ts";
import { startTwoEntryPoints, type TwoEntryPoints } from "./two-entry-points.ts";

const upload = { method: "PUT", path: "/_api/v1/upload-path" };
const nar = "/main/nar/s66mzxpvicwk07gjbjfw9izjfa797vsw.nar";
const mebibyte = 2 ** 20;

let edge: TwoEntryPoints;
let stub: Stub;
let main: EdgeStack;
let impatient: EdgeStack;

beforeAll(async () => {
  edge = await startTwoEntryPoints({
    uploadsInFlight: 2,
    trustedProxyDepth: 1,
    trustedProxies: ["127.0.0.1/32"],
  });
  ({ stub, main, impatient } = edge);
});
afterAll(() => edge?.stop());

/** Begins an upload as Attic's client does: without a length. */
function beginUpload(stack: EdgeStack, headers: Record<string, string> = {}): ClientRequest {
  const request = begin(edge.at(stack), {
    ...upload,
    headers: { "transfer-encoding": "chunked", ...headers },
  });
  // Whoever waits for the answer sees the error.
  request.on("error", () => {});
  return request;
}

const latest = () => stub.received.at(-1);

describe("an upload", () => {
  test("reaches the server while it is being sent", async () => {
    const before = stub.received.length;
    const request = beginUpload(main);
    const answer = answerTo(request);
    request.write(Buffer.alloc(1000));
    await stub.until(() => stub.received.length > before && (latest()?.bytes ?? 0) === 1000);
    request.end(Buffer.alloc(500));
    expect((await answer).status).toBe(200);
    expect(latest()).toMatchObject({ bytes: 1500, httpVersion: "1.1" });
  });

  test("of 1 GiB takes next to no memory of Traefik", { timeout: 80_000 }, async () => {
    const chunk = Buffer.alloc(mebibyte, "nar");
    const before = await edge.traefik.residentMiB();
    const request = beginUpload(main);
    const answer = answerTo(request);
    let peak = before;
    for (let sent = 0; sent < 1024; sent++) {
      if (!request.write(chunk)) await once(request, "drain");
      if (sent % 32 === 0) peak = Math.max(peak, await edge.traefik.residentMiB());
    }
    request.end();
    expect((await answer).status).toBe(200);
    expect(latest()?.bytes).toBe(1024 * mebibyte);
    console.log(`Traefik's memory: ${before.toFixed(0)} MiB before, ${peak.toFixed(0)} MiB at most`);
    expect(peak - before).toBeLessThan(64);
  });

  test("may take its time, which an entry point with a read timeout does not allow", async () => {
    const slowly = async (stack: EdgeStack) => {
      const request = beginUpload(stack);
      const answer = answerTo(request).then(
        ({ status }) => status,
        () => "cut off",
      );
      request.write("begin");
      await sleep(2000);
      request.end("end");
      return answer;
    };
    const [patient, cut] = await Promise.all([slowly(main), slowly(impatient)]);
    expect(patient).toBe(200);
    expect(cut).not.toBe(200);
  });

  test("beyond a client's number under way is refused, and another client's is not", async () => {
    const hold = (client: string) =>
      answerTo(
        begin(edge.at(main), {
          ...upload,
          headers: { "x-forwarded-for": client, [stubHeaders.hold]: "1" },
        }).end(),
      );
    const now = (client: string) => ask(edge.at(main), { ...upload, headers: { "x-forwarded-for": client } });

    const before = stub.received.length;
    const held = [hold("192.0.2.1"), hold("192.0.2.1")];
    await stub.until(() => stub.received.length === before + 2);
    expect((await now("192.0.2.1")).status).toBe(429);
    expect((await now("192.0.2.2")).status).toBe(200);
    stub.release();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    await expect.poll(async () => (await now("192.0.2.1")).status).toBe(200);
  });

  test("is not counted against the limit on requests a second", async () => {
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        ask(edge.at(main), { ...upload, headers: { "x-forwarded-for": `198.51.100.${index}` } }),
      ),
    );
    expect(statuses.every(({ status }) => status === 200)).toBe(true);
  });
});

test("a download reaches the client while the server sends it", async () => {
  const request = begin(edge.at(main), { path: nar, headers: { [stubHeaders.halves]: "1" } });
  request.end();
  const [response] = await once(request, "response");
  const [first] = await once(response, "data");
  expect(String(first)).toBe("first half, ");
  stub.release();
  const [second] = await once(response, "data");
  expect(String(second)).toBe("second half");
});

test("a download is not compressed, also for clients that would take it", async () => {
  const answer = await ask(edge.at(main), { path: nar, headers: { "accept-encoding": "gzip, br, zstd" } });
  expect(answer.headers).not.toHaveProperty("content-encoding");
});
