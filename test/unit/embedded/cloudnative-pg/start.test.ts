import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { operatorLine, operatorStatus } from "../../../../embedded/cloudnative-pg/index.ts";
import { freePort } from "../../../../embedded/cloudnative-pg/ports.ts";
import { PortTakenError, prepareDirectory, startStandIn } from "../../../../embedded/cloudnative-pg/start.ts";
import type { Settings } from "../../../../embedded/cloudnative-pg/state.ts";
import { ToolchainError } from "../../../../embedded/toolchain/errors.ts";

const settings: Settings = {
  version: "1.29.0",
  operator: "/nowhere/operator",
  args: ["controller"],
  env: {},
  server: "https://127.0.0.1:6443",
  namespace: "cnpg-system",
  serviceAccount: "cnpg-manager",
  standIn: "embedded-stand-in",
  webhookSecret: "cnpg-webhook-cert",
  webhookPort: 40_123,
  owner: { pid: 1, startTime: "1" },
  stopOnStdinEOF: false,
};
const credentials = { authority: "ca", operatorToken: "token-o", standInToken: "token-s" };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "attic-operator-"));
  await prepareDirectory(directory, settings, credentials);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A program in the stand-in's place. */
async function program(script: string): Promise<string> {
  const path = join(directory, "program");
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  return path;
}

const start = async (script: string): Promise<unknown> =>
  startStandIn(await program(script), directory, false).catch((error: unknown) => error);

test("a machine without namespaces is told in one line, with what to do", async () => {
  const error = await start(
    "echo 'failed: this machine gives no network namespace: addresses: operation not permitted'; exit 3",
  );
  expect(error).toBeInstanceOf(ToolchainError);
  const { message, hint } = error as ToolchainError;
  expect(message).toBe(
    "The CloudNativePG operator needs a network namespace, which this machine does not give it: addresses: operation not permitted.",
  );
  expect(hint).toContain("as root");
});

test("a port that was lost is known for what it is", async () => {
  expect(await start("echo 'listen tcp 127.0.0.1:1: bind: address already in use'; exit 1")).toBeInstanceOf(
    PortTakenError,
  );
});

test("any other end gives the end of the log", async () => {
  const error = await start("echo 'failed: something else'; exit 1");
  expect(String(error)).toMatch(/ended before it was ready \(exit code 1\).*something else/s);
});

test("a program that is not there is an error too", async () => {
  const error = await startStandIn(join(directory, "none"), directory, false).catch(String);
  expect(error).toContain("ENOENT");
});

test("tokens are in files that nobody else reads, and the operator's kubeconfig only points there", async () => {
  for (const [name, content] of [
    ["token", "token-o"],
    ["stand-in.token", "token-s"],
  ] as const) {
    expect(await readFile(join(directory, name), "utf8")).toBe(content);
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  }
  const kubeconfig = await readFile(join(directory, "kubeconfig"), "utf8");
  expect(kubeconfig).not.toContain("token-o");
  expect(JSON.parse(kubeconfig).users).toEqual([{ name: "operator", user: { tokenFile: "token" } }]);
});

test("a port that is wished for is given when it is free, and another when it is not", async () => {
  const port = await freePort();
  expect(await freePort(port)).toBe(port);
  const { createServer } = await import("node:net");
  const holder = createServer().listen(port, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  try {
    expect(await freePort(port)).not.toBe(port);
  } finally {
    holder.close();
  }
});

test("the summary has a line for an operator that runs, and none for one that does not", async () => {
  expect(operatorLine(await operatorStatus({ stateDir: directory }))).toBeUndefined();
  expect(operatorLine({ state: "ready", version: "1.29.0", pid: 1 })).toContain("CloudNativePG 1.29.0");
});
