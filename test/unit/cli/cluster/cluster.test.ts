import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClusterError } from "../../../../cli/cluster/index.ts";
import { KubeCluster } from "../../../../cli/cluster/kubernetes.ts";
import { transport } from "../../../../cli/cluster/transport.ts";

interface Answer {
  status?: number;
  body?: unknown;
}

let server: Server;
let answers: Record<string, Answer | Answer[]>;
let requests: { call: string; headers: NodeJS.Dict<string | string[]>; body: string }[];
let slept: number[];
let cluster: KubeCluster;

const kinds = {
  "GET /apis/apps/v1": {
    body: {
      resources: [
        { name: "deployments", kind: "Deployment", namespaced: true },
        { name: "deployments/scale", kind: "Scale", namespaced: true },
      ],
    },
  },
  "GET /api/v1": {
    body: {
      resources: [
        { name: "pods", kind: "Pod", namespaced: true },
        { name: "namespaces", kind: "Namespace", namespaced: false },
      ],
    },
  },
};

beforeEach(async () => {
  answers = { ...kinds };
  requests = [];
  slept = [];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const call = `${request.method} ${request.url}`;
    requests.push({ call, headers: request.headers, body });
    const found = answers[call] ??
      answers[call.replace(/\?.*/, "")] ?? { status: 404, body: "404 page not found" };
    const { status = 200, body: text } = Array.isArray(found) ? (found.shift() ?? {}) : found;
    response.writeHead(status).end(typeof text === "string" ? text : JSON.stringify(text));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cluster = clusterAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(async () => {
  cluster.close();
  if (server.listening) {
    server.close();
    await once(server, "close");
  }
});

function clusterAt(url: string, user: object = { name: "u", token: "a-token" }): KubeCluster {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: "c", server: url, skipTLSVerify: true }],
    users: [user],
    contexts: [{ name: "eks", cluster: "c", user: "u" }],
    currentContext: "eks",
  });
  const asked = { stack: "test", context: "eks", server: url, source: "$KUBECONFIG", embedded: false };
  return new KubeCluster({
    asked,
    namespace: "nix-cache",
    transport: transport(config, asked),
    // Nothing answers a command.
    executor: { exec: () => new Promise(() => {}) },
    sleep: async (milliseconds) => slept.push(milliseconds),
  });
}

const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
const attic = { ...deployment, name: "attic" };
const path = "/apis/apps/v1/namespaces/nix-cache/deployments";
const status = (code: number, message: string): Answer => ({
  status: code,
  body: { kind: "Status", code, message },
});

describe("an object", () => {
  test("is looked for in the stack's namespace, with the token of the kubeconfig", async () => {
    answers[`GET ${path}/attic`] = { body: { metadata: { name: "attic" } } };
    expect((await cluster.get(attic)).metadata.name).toBe("attic");
    expect(requests.at(-1)).toMatchObject({
      headers: { authorization: "Bearer a-token", "user-agent": "atticctl" },
    });
  });

  test("is looked for in another namespace, or in none where its kind has none", async () => {
    answers["GET /apis/apps/v1/namespaces/traefik/deployments/traefik"] = {
      body: { metadata: { name: "traefik" } },
    };
    answers["GET /api/v1/namespaces/nix-cache"] = { body: { metadata: { name: "nix-cache" } } };
    await cluster.get({ ...deployment, name: "traefik", namespace: "traefik" });
    await cluster.get({ apiVersion: "v1", kind: "Namespace", name: "nix-cache" });
    expect(requests.map(({ call }) => call)).toContain("GET /api/v1/namespaces/nix-cache");
  });

  test("of a list says what it is", async () => {
    answers[`GET ${path}`] = { body: { items: [{ metadata: { name: "attic" } }] } };
    expect(await cluster.list(deployment, { labels: "a=b,c" })).toEqual([
      { ...deployment, metadata: { name: "attic" } },
    ]);
    expect(requests.at(-1)?.call).toBe(`GET ${path}?labelSelector=a%3Db%2Cc`);
    answers["GET /apis/apps/v1/deployments"] = { body: { items: [] } };
    expect(await cluster.list(deployment, { namespace: "*" })).toEqual([]);
  });

  test("that is not there is not found, and deleting it changes nothing", async () => {
    const missing = status(404, 'deployments.apps "attic" not found');
    answers[`GET ${path}/attic`] = missing;
    answers[`DELETE ${path}/attic`] = missing;
    expect(await cluster.find(attic)).toBeUndefined();
    expect(await cluster.delete(attic)).toBe(false);
    await expect(cluster.get(attic)).rejects.toMatchObject({ problem: "notFound", exitCode: 3 });
  });

  test("is changed as a merge patch, by the name of this program; a dry run asks for one", async () => {
    answers[`PATCH ${path}/attic/scale`] = { body: {} };
    await cluster.patch(attic, { spec: { replicas: 0 } }, { subresource: "scale", dryRun: true });
    expect(requests.at(-1)).toMatchObject({
      call: `PATCH ${path}/attic/scale?fieldManager=atticctl&dryRun=All`,
      headers: { "content-type": "application/merge-patch+json" },
      body: '{"spec":{"replicas":0}}',
    });
  });

  test("takes what it owns with it when it is deleted", async () => {
    answers[`DELETE ${path}/attic`] = { body: {} };
    expect(await cluster.delete(attic)).toBe(true);
    expect(requests.at(-1)?.call).toBe(`DELETE ${path}/attic?propagationPolicy=Background`);
  });

  test("of a kind that is known now is addressed without asking again", async () => {
    answers[`GET ${path}`] = { body: { items: [] } };
    await Promise.all([cluster.list(deployment), cluster.list(deployment)]);
    await cluster.list(deployment);
    expect(requests.filter(({ call }) => call === "GET /apis/apps/v1")).toHaveLength(1);
  });
});

describe("what fails says what to do", () => {
  const failure = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(ClusterError);
    const { problem, message, hint, exitCode } = error as ClusterError;
    return { problem, message, hint, exitCode };
  };

  test.each([
    [
      "expired credentials",
      status(401, "Unauthorized"),
      "credentials",
      /^the API server .* does not accept the credentials of context eks of \$KUBECONFIG$/,
    ],
    [
      "a missing right",
      status(403, 'deployments.apps is forbidden: User "ann" cannot list resource "deployments"'),
      "forbidden",
      /^list Deployment: User "ann" cannot list resource "deployments"$/,
    ],
    ["a conflict", status(409, "the object has been modified"), "conflict", /the object has been modified/],
    ["a server that is starting", status(503, "etcd is away"), "unavailable", /HTTP 503: etcd is away/],
    [
      "a proxy in between",
      { status: 502, body: "<html>Bad\n gateway</html>" },
      "unavailable",
      /<html>Bad gateway<\/html>/,
    ],
    [
      "what is not taken",
      status(422, "spec.replicas: must be a number"),
      "refused",
      /spec.replicas: must be a number/,
    ],
  ])("%s", async (_, answer, problem, said) => {
    answers[`GET ${path}`] = answer;
    const found = await failure(cluster.list(deployment));
    expect(found).toMatchObject({ problem, exitCode: 1, message: expect.stringMatching(said) });
    expect(found.hint).toBeTruthy();
  });

  test("a kind that is not installed, also one of a group that is there", async () => {
    const expected = {
      problem: "unknownKind",
      exitCode: 3,
      hint: expect.stringContaining("docs/operators.md"),
    };
    expect(
      await failure(cluster.list({ apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster" })),
    ).toMatchObject(expected);
    expect(await failure(cluster.list({ apiVersion: "apps/v1", kind: "Scale" }))).toMatchObject(expected);
    expect(await cluster.find({ apiVersion: "x.io/v1", kind: "X", name: "x" })).toBeUndefined();
  });

  test("a server that does not answer", async () => {
    server.close();
    await once(server, "close");
    const found = await failure(cluster.version());
    expect(found).toMatchObject({
      problem: "unreachable",
      message: expect.stringContaining("does not answer: connect ECONNREFUSED"),
    });
    expect(found.hint).toContain("kubectl --context eks version");
  });

  test("a program for credentials that fails, of which the first line is told alone", async () => {
    const script = "process.stderr.write('token expired\\nsecret: hunter2'); process.exit(1)";
    const exec = {
      command: process.execPath,
      args: ["-e", script],
      apiVersion: "client.authentication.k8s.io/v1",
    };
    const found = await failure(clusterAt(cluster.server, { name: "u", exec }).version());
    expect(found.message).toBe("there are no credentials for context eks of $KUBECONFIG: token expired");
  });

  test("a busy server, which is asked again a few times", async () => {
    const busy = status(429, "storage is (re)initializing");
    answers[`GET ${path}`] = [busy, busy, { body: { items: [] } }];
    expect(await cluster.list(deployment)).toEqual([]);
    expect(slept).toEqual([1_000, 1_000]);
    answers[`GET ${path}`] = [busy, busy, busy, busy, { body: { items: [] } }];
    expect(await failure(cluster.list(deployment))).toMatchObject({ problem: "unavailable" });
    expect(slept).toHaveLength(5);
  });
});

test("what may be done is asked for the stack's namespace, or for all", async () => {
  answers["POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"] = {
    body: { status: { allowed: false, reason: "no role" } },
  };
  expect(await cluster.canI({ verb: "create", resource: "pods", subresource: "exec" })).toEqual({
    allowed: false,
    reason: "no role",
  });
  await cluster.canI({ verb: "list", resource: "services", namespace: "*" });
  expect(requests.map(({ body }) => JSON.parse(body).spec.resourceAttributes)).toEqual([
    { namespace: "nix-cache", verb: "create", resource: "pods", subresource: "exec" },
    { verb: "list", resource: "services" },
  ]);
});

test("a log is read as text, by what was asked of it", async () => {
  answers["GET /api/v1/namespaces/nix-cache/pods/attic-a/log"] = { body: "one\ntwo\n" };
  expect(await cluster.logs("attic-a", { container: "attic", tail: 2, previous: true })).toBe("one\ntwo\n");
  expect(requests.at(-1)?.call).toMatch(/log\?container=attic&tailLines=2&previous=true$/);
});

test("any answer to a raw request is a result", async () => {
  expect(await cluster.raw("/nope")).toEqual({ status: 404, text: "404 page not found" });
});

test("a command in a container is given up when its time is over", async () => {
  await expect(cluster.exec("attic-pg-1", "postgres", ["psql"], { timeout: 0.02 })).rejects.toMatchObject({
    problem: "unanswered",
  });
});
