import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Api, ApiError, UnreachableError } from "../../../../../embedded/providers/kubernetes/api.ts";
import { Discovery, NoSuchKindError } from "../../../../../embedded/providers/kubernetes/discovery.ts";

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

/** An API server that answers as the test says. */
async function served(answer: RequestListener, patience?: number): Promise<Api> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const api = apiAt((server.address() as AddressInfo).port, patience);
  open.push(api, server);
  return api;
}

function apiAt(port: number, patience?: number): Api {
  const connection = {
    server: `http://127.0.0.1:${port}`,
    namespace: "default",
    tls: {},
    authorization: "Bearer t",
  };
  return new Api(connection, patience);
}

/** Fails `times` times, then answers with an empty object. */
function recovering(
  times: number,
  fail: RequestListener,
): { requests: () => number; answer: RequestListener } {
  let requests = 0;
  return {
    requests: () => requests,
    answer(request, response) {
      requests++;
      if (requests <= times) fail(request, response);
      else response.end("{}");
    },
  };
}

describe("an API server that restarts", () => {
  it.each<[string, RequestListener]>([
    ["drops connections", (request) => request.socket.destroy()],
    ["answers 503", (_, response) => response.writeHead(503).end("apiserver not ready")],
    ["answers 429", (_, response) => response.writeHead(429).end()],
    [
      "lost etcd's leader",
      (_, response) => response.writeHead(500).end('{"message":"etcdserver: leader changed"}'),
    ],
  ])("is asked again while it %s", async (_, fail) => {
    const { answer, requests } = recovering(2, fail);
    const api = await served(answer);
    expect(await api.request("PATCH", "/x", { body: {} })).toEqual({});
    expect(requests()).toBe(3);
  });

  it("is given up after the patience, in one line", async () => {
    const api = apiAt(1, 250);
    const asked = api.request("GET", "/version");
    await expect(asked).rejects.toThrow(UnreachableError);
    await expect(asked).rejects.toThrow(
      /^the Kubernetes API server at http:\/\/127\.0\.0\.1:1 can't be reached: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    );
  });

  it("is not waited for when the caller has no patience", async () => {
    const { answer, requests } = recovering(9, (request) => request.socket.destroy());
    const api = await served(answer);
    await expect(api.request("GET", "/", { patience: 0 })).rejects.toThrow(UnreachableError);
    expect(requests()).toBe(1);
  });
});

describe("a refusal", () => {
  it("is not repeated, and keeps the server's status", async () => {
    const status = { kind: "Status", code: 422, reason: "Invalid", message: "spec: Required value" };
    const { answer, requests } = recovering(9, (_, response) =>
      response.writeHead(422).end(JSON.stringify(status)),
    );
    const error = await (await served(answer)).request("GET", "/").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ message: "spec: Required value", status });
    expect(requests()).toBe(1);
  });

  it("of something that is no API server shows how it begins", async () => {
    const api = await served((_, response) => response.writeHead(404).end("<html>no such page</html>"));
    await expect(api.request("GET", "/")).rejects.toThrow("HTTP 404: <html>no such page</html>");
  });
});

it("never puts credentials into an error", async () => {
  const api = await served((_, response) => response.writeHead(401).end('{"message":"Unauthorized"}'));
  const error = await api.request("GET", "/").catch((reason: unknown) => reason);
  expect(JSON.stringify(error) + String(error)).not.toContain("Bearer");
});

describe("discovery", () => {
  const gvk = { group: "traefik.io", version: "v1alpha1", kind: "IngressRoute" };
  const resources = [
    { name: "ingressroutes", kind: "IngressRoute", namespaced: true },
    { name: "ingressroutes/status", kind: "IngressRoute", namespaced: true },
  ];

  it("asks once for many kinds, and knows their paths", async () => {
    const { answer, requests } = recovering(9, (_, response) => response.end(JSON.stringify({ resources })));
    const discovery = new Discovery(await served(answer));
    const kinds = await Promise.all([discovery.find(gvk), discovery.find(gvk), discovery.find(gvk)]);
    expect(kinds.map((kind) => kind.path("ns", "a"))).toEqual(
      Array(3).fill("/apis/traefik.io/v1alpha1/namespaces/ns/ingressroutes/a"),
    );
    expect(kinds[0]?.path("ns")).toBe("/apis/traefik.io/v1alpha1/namespaces/ns/ingressroutes");
    expect(requests()).toBe(1);
  });

  it("asks again for a kind that was not there, for its definition may come", async () => {
    let established = false;
    const discovery = new Discovery(
      await served((_, response) => {
        if (established) response.end(JSON.stringify({ resources }));
        else response.writeHead(404).end('{"message":"not found"}');
      }),
    );
    await expect(discovery.find(gvk)).rejects.toThrow(NoSuchKindError);
    setTimeout(() => {
      established = true;
    }, 150);
    expect((await discovery.find(gvk, 5_000)).namespaced).toBe(true);
  });
});
