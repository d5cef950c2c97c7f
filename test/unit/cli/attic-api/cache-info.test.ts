import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { cacheInfo } from "../../../../cli/attic-api/cache-info.ts";

let server: Server | undefined;
afterEach(async () => {
  if (!server?.listening) return;
  server.close();
  await once(server, "close");
});

async function serve(status: number, body: string) {
  const seen: { path?: string; headers: IncomingHttpHeaders }[] = [];
  server = createServer(({ url, headers }, response) => {
    seen.push({ ...(url && { path: url }), headers });
    response.writeHead(status, { location: "/elsewhere" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

const found = "WantMassQuery: 1\nStoreDir: /nix/store\nPriority: 41\n";

test("a cache says where its store is", async () => {
  const { endpoint } = await serve(200, found);
  expect(await cacheInfo({ endpoint }, "main")).toEqual({ status: 200, storeDir: "/nix/store" });
});

test("the token goes into its header, and the cache's name into the path, as they are", async () => {
  const { endpoint, seen } = await serve(200, found);
  await cacheInfo({ endpoint, token: "a.b.c", host: "nix-cache.example.com" }, "a/../b");
  expect(seen).toEqual([
    {
      path: "/a%2F..%2Fb/nix-cache-info",
      headers: expect.objectContaining({ authorization: "Bearer a.b.c", host: "nix-cache.example.com" }),
    },
  ]);
});

test("without a token there is no such header", async () => {
  const { endpoint, seen } = await serve(200, found);
  await cacheInfo({ endpoint }, "main");
  expect(seen[0]?.headers).not.toHaveProperty("authorization");
});

test.each([
  [
    401,
    '{"code":401,"error":"Unauthorized","message":"Unauthorized."}',
    { status: 401, code: "Unauthorized" },
  ],
  [404, "404 page not found\n", { status: 404 }],
  [200, "<html>something else</html>", { status: 200 }],
  // It counts for nothing in an error.
  [503, found, { status: 503 }],
  // Not followed: the token would go to another server.
  [307, "", { status: 307 }],
])("an answer %i %j is told as it is", async (status, body, told) => {
  const { endpoint } = await serve(status, body);
  expect(await cacheInfo({ endpoint, token: "a.b.c" }, "main")).toEqual(told);
});
