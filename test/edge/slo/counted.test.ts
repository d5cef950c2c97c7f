import { once } from "node:events";
import { type ClientHttp2Stream, connect, constants } from "node:http2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serviceLabels } from "../../../components/ingress/routes.ts";
import { type Ask, ask, begin } from "../ingress/client.ts";
import { parseMetrics } from "../ingress/metrics.ts";
import type { EdgeStack } from "../ingress/stack.ts";
import { type Stub, stubHeaders } from "../ingress/stub.ts";
import { startTwoEntryPoints, type TwoEntryPoints } from "../ingress/two-entry-points.ts";

/** What the objectives see of requests that do not come to their end. docs/slo.md tells of it. */

const upload = { method: "PUT", path: "/_api/v1/upload-path" };
const narinfo = { path: "/main/s66mzxpvicwk07gjbjfw9izjfa797vsw.narinfo" };
const nar = { path: "/main/nar/s66mzxpvicwk07gjbjfw9izjfa797vsw.nar" };
const chunked = { "transfer-encoding": "chunked" };
const held = { [stubHeaders.hold]: "1" };

let edge: TwoEntryPoints;
let stub: Stub;
let main: EdgeStack;
let impatient: EdgeStack;

beforeAll(async () => {
  edge = await startTwoEntryPoints();
  ({ stub, main, impatient } = edge);
});
afterAll(() => edge?.stop());

/** How many requests of a stack's routes were counted so far, by route and status: `upload 200`. */
async function counts({ namespace }: EdgeStack): Promise<Map<string, number>> {
  const samples = parseMetrics(await edge.traefik.metrics()).filter(
    ({ name }) => name === "traefik_router_requests_total",
  );
  return new Map(
    Object.entries(serviceLabels(namespace)).flatMap(([route, service]) =>
      samples
        .filter(({ labels }) => labels.service === service)
        .map(({ labels, value }) => [`${route} ${labels.code}`, value] as const),
    ),
  );
}

/** What was counted since, each as `upload 499: 1`. */
async function counted(stack: EdgeStack, since: Map<string, number>): Promise<string[]> {
  return [...(await counts(stack))]
    .map(([what, count]) => [what, count - (since.get(what) ?? 0)] as const)
    .filter(([, grown]) => grown > 0)
    .map(([what, grown]) => `${what}: ${grown}`);
}

/** Begins a request, sends some of its body, and goes away once the server has got that far. */
async function leave(what: Ask, body?: string): Promise<void> {
  const before = stub.received.length;
  const request = begin(edge.at(main), what).on("error", () => {});
  if (body === undefined) request.end();
  else request.write(body);
  await stub.until(() => stub.received.length > before && (!body || (stub.received.at(-1)?.bytes ?? 0) > 0));
  request.destroy();
}

/** The same over HTTP/2, where a client cancels without closing the connection. */
async function cancel(
  { method, path }: Ask,
  act: (stream: ClientHttp2Stream) => void,
  headers: Record<string, string> = {},
): Promise<void> {
  const { port, host } = edge.at(main);
  const session = connect(`https://127.0.0.1:${port}`, { servername: host, rejectUnauthorized: false });
  const before = stub.received.length;
  const stream = session.request(
    { ":method": method, ":path": path, ":authority": host, ...headers },
    { endStream: false },
  );
  stream.on("error", () => {});
  act(stream);
  await stub.until(() => stub.received.length > before);
  stream.close(constants.NGHTTP2_CANCEL);
  await once(stream, "close");
  session.close();
}

describe("a client that goes away", () => {
  test.each<[when: string, leaves: () => Promise<void>, as: string]>([
    ["before the answer", () => leave({ ...narinfo, headers: held }), "narinfo 499"],
    [
      "while it sends, over HTTP/2",
      () => cancel(upload, (stream) => stream.write("nar"), held),
      "upload 499",
    ],
  ])("%s is no error of anybody's", async (_, leaves, as) => {
    const before = await counts(main);
    await leaves();
    await expect.poll(() => counted(main, before)).toEqual([`${as}: 1`]);
  });

  // What `attic push` does. Traefik sees the broken body or the broken connection first, as it happens.
  test.each<[how: string, headers: Record<string, string>, seen: string[]]>([
    ["without a length", chunked, ["499", "500"]],
    ["with a length", { "content-length": "9" }, ["499", "502"]],
  ])("while it sends over HTTP/1.1 %s is an error at times", async (_, headers, seen) => {
    const before = await counts(main);
    const codes = async () =>
      (await counted(main, before)).map((one) => /^upload (\d{3}): /.exec(one)?.[1]).sort();
    for (let i = 0; i < 200 && (await codes()).length < seen.length; i++) {
      await leave({ ...upload, headers }, "nar");
    }
    await expect.poll(codes).toEqual(seen);
  });

  test("in the middle of an answer is counted nowhere", async () => {
    const before = await counts(main);
    const logged = edge.traefik.log().length;
    const request = begin(edge.at(main), { ...nar, headers: { [stubHeaders.halves]: "1" } }).end();
    const [response] = await once(request, "response");
    await once(response, "data");
    response.on("error", () => {});
    request.destroy();
    await expect.poll(() => edge.traefik.log().slice(logged)).toContain("abort");
    await ask(edge.at(main), { path: "/main/nix-cache-info" });
    await expect.poll(() => counted(main, before)).toEqual(["cacheInfo 200: 1"]);
  });
});

test("a push that an entry point's read timeout ends is counted, as either side's fault", async () => {
  const before = await counts(impatient);
  const request = begin(edge.at(impatient), { ...upload, headers: chunked }).on("error", () => {});
  request.write("nar");
  await once(request, "close");
  await expect
    .poll(() => counted(impatient, before))
    .toEqual([expect.stringMatching(/^upload (499|504): 1$/)]);
});
