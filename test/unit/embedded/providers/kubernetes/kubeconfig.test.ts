import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSettings } from "../../../../../embedded/providers/kubernetes/config.ts";
import { activeServer, loadConnection } from "../../../../../embedded/providers/kubernetes/kubeconfig.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

const CONFIG = `
apiVersion: v1
kind: Config
current-context: one
contexts:
  - {name: one, context: {cluster: c1, user: u1, namespace: team}}
  - {name: two, context: {cluster: c2, user: u2}}
  - {name: three, context: {cluster: c2, user: u3}}
  - {name: broken, context: {cluster: none, user: u1}}
clusters:
  - {name: c1, cluster: {server: "https://one:6443/", certificate-authority-data: ${base64("ca")}}}
  - {name: c2, cluster: {server: "https://two", insecure-skip-tls-verify: true, tls-server-name: real}}
users:
  - {name: u1, user: {client-certificate-data: ${base64("cert")}, client-key: key.pem}}
  - {name: u2, user: {token: secret-token}}
  - name: u3
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1
        command: node
        args: ["-e", "console.log(JSON.stringify({status: {token: process.env.WHO}}))"]
        env: [{name: WHO, value: plugin-token}]
`;

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "attic-kubeconfig-"));
  path = join(directory, "config");
  writeFileSync(path, CONFIG);
  writeFileSync(join(directory, "key.pem"), "key");
});
afterEach(() => rmSync(directory, { recursive: true }));

const load = (config: object, env: NodeJS.ProcessEnv = {}) =>
  loadConnection(parseSettings({ ...config }, {}), env);

describe("a kubeconfig", () => {
  it("gives the current context's server, certificates and namespace", async () => {
    expect(await load({ kubeconfig: path })).toMatchObject({
      server: "https://one:6443",
      namespace: "team",
      tls: {
        ca: Buffer.from("ca"),
        cert: Buffer.from("cert"),
        key: Buffer.from("key"),
        rejectUnauthorized: true,
      },
      authorization: undefined,
    });
  });

  it("gives another context on request, and the provider's namespace before its own", async () => {
    expect(await load({ kubeconfig: path, context: "two", namespace: "mine" })).toMatchObject({
      server: "https://two",
      namespace: "mine",
      tls: { rejectUnauthorized: false, servername: "real" },
      authorization: "Bearer secret-token",
    });
  });

  it("may be given as text, as JSON, or by the environment", async () => {
    const json = JSON.stringify({
      "current-context": "a",
      contexts: [{ name: "a", context: { cluster: "a" } }],
      clusters: [{ name: "a", cluster: { server: "http://a" } }],
    });
    const config = CONFIG.replace("current-context: one", "current-context: two");
    expect((await load({ kubeconfig: config })).server).toBe("https://two");
    expect((await load({ kubeconfig: json })).server).toBe("http://a");
    expect((await load({}, { KUBECONFIG: `/none/such:${path}` })).server).toBe("https://one:6443");
  });

  it("may name a credential plugin", async () => {
    expect((await load({ kubeconfig: path, context: "three" })).authorization).toBe("Bearer plugin-token");
  });

  it.each([
    ["is not there", { kubeconfig: "/none/such" }, /no kubeconfig: \/none\/such does not exist/],
    ["is no YAML", { kubeconfig: "a: [\nb" }, /the provider's kubeconfig is not a kubeconfig/],
    ["has no current context", { kubeconfig: "apiVersion: v1\nkind: Config\n" }, /has no current-context/],
  ])("that %s is an error in one line", async (_, config, message) => {
    await expect(load(config)).rejects.toThrow(message);
    await expect(load(config)).rejects.not.toThrow(/\n/);
  });

  it("says which contexts there are when the wanted one is not", async () => {
    const wanted = load({ kubeconfig: path, context: "four" });
    await expect(wanted).rejects.toThrow(/has no context "four" \(it has: one, two, three, broken\)/);
    await expect(load({ kubeconfig: path, context: "broken" })).rejects.toThrow(
      /cluster "none" .* has no server/,
    );
  });
});

it("another context is another cluster only if its server is another", () => {
  const server = (context: string) => activeServer(parseSettings({ kubeconfig: path, context }, {}), {});
  expect(server("two")).toBe(server("three"));
  expect(server("one")).not.toBe(server("two"));
});

describe("settings", () => {
  it("come as JSON text from SDKs, and from the official environment variables", () => {
    const env = { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" };
    expect(parseSettings({ upsertExistingObjects: "true", enableSecretMutable: true }, env)).toMatchObject({
      upsertExistingObjects: true,
      enableSecretMutable: true,
      enablePatchForce: true,
      enableConfigMapMutable: false,
    });
  });

  it("take their time-out from the official setting", () => {
    expect(parseSettings({}, {}).patience).toBe(30_000);
    expect(parseSettings({ kubeClientSettings: '{"timeout":5}' }, {}).patience).toBe(5_000);
  });
});
