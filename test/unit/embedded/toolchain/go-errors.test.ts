import { afterEach, beforeEach, expect, test } from "vitest";
import { buildGo } from "../../../../embedded/toolchain/build-go.ts";
import { isOlder } from "../../../../embedded/toolchain/go.ts";
import { ToolchainError } from "../../../../embedded/toolchain/index.ts";
import { type FakeGo, fakeGo, goBuilds, goEnv, goFails } from "../../../support/fake-go.ts";

let go: FakeGo;
beforeEach(async () => {
  go = await fakeGo();
});
afterEach(() => go.remove());

async function failure(neededMiB = 1): Promise<ToolchainError> {
  const error = await buildGo({
    name: "tool",
    moduleDir: go.moduleDir,
    pkg: ".",
    expectedMinutes: 1,
    neededMiB,
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ToolchainError);
  const { message, hint } = error as ToolchainError;
  expect(message).not.toContain("\n");
  expect(hint).not.toContain("\n");
  return error as ToolchainError;
}

test("no Go", async () => {
  await go.uninstall();
  // Whatever Go this machine has is out of reach as well.
  process.env.PATH = go.dir;
  const { message, hint } = await failure();
  expect(message).toBe("Building tool: Go is not installed (there is no `go` on PATH).");
  expect(hint).toContain("https://go.dev/doc/install");
});

test("a Go that is too old by its own account", async () => {
  await go.install(goFails("go: go.mod requires go >= 1.26.4 (running go 1.25.1; GOTOOLCHAIN=local)"));
  expect((await failure()).message).toBe("Building tool: Go 1.26.4 or later is needed; this is Go 1.25.1.");
});

test("a Go that is too old by its version", async () => {
  await go.install(goEnv(go.dir, "go1.25.9") + goBuilds);
  const { message, hint } = await failure();
  expect(message).toBe("Building tool: Go 1.26.4 or later is needed; this is Go 1.25.9.");
  expect(hint).toContain("GOTOOLCHAIN=auto");
});

test("a toolchain that cannot be downloaded", async () => {
  await go.install(goFails("go: download go1.26.4 for linux/amd64: toolchain not available"));
  expect((await failure()).message).toContain("Go wants another version of itself and cannot have it");
});

test("a module that is refused, without the password of the proxy", async () => {
  await go.install(
    `${goEnv(go.dir)}\n${goFails("go: example.com/lib@v1.2.3: reading https://me:secret@proxy.example/example.com/lib/@v/v1.2.3.zip: 403 Forbidden")}`,
  );
  const { message, hint } = await failure();
  expect(message).toBe("Building tool: the module example.com/lib@v1.2.3 was refused: 403 Forbidden");
  expect(hint).toContain("GOPROXY");
});

test("no network, without the password of the proxy", async () => {
  await go.install(
    `${goEnv(go.dir)}\n${goFails('go: example.com/lib@v1.2.3: Get "https://me:secret@proxy.example/x": dial tcp: lookup proxy.example: no such host')}`,
  );
  const { message } = await failure();
  expect(message).toContain("a module cannot be downloaded");
  expect(message).toContain("no such host");
  expect(message).not.toContain("secret");
});

test("a module that is not the one go.sum names", async () => {
  await go.install(`${goEnv(go.dir)}\n${goFails("verifying example.com/lib@v1.2.3: checksum mismatch")}`);
  expect((await failure()).message).toContain("is not the one go.sum names");
});

test("too little disk, before anything is compiled", async () => {
  await go.install(goEnv(go.dir) + goBuilds);
  const { message, hint } = await failure(10 ** 9);
  expect(message).toMatch(/^Building tool: about \d+ MiB of disk are needed at \S+, and \d+ MiB are free\.$/);
  expect(hint).toContain("GOCACHE");
});

test("a disk that fills up meanwhile", async () => {
  await go.install(`${goEnv(go.dir)}\n${goFails("write /x: no space left on device")}`);
  expect((await failure()).message).toBe("Building tool: the disk is full.");
});

test("a compiler killed for want of memory", async () => {
  await go.install(
    `${goEnv(go.dir)}\n${goFails("k8s.io/api: /usr/lib/go/pkg/tool/linux_amd64/compile: signal: killed")}`,
  );
  const { message, hint } = await failure();
  expect(message).toContain("the compiler was killed");
  expect(hint).toContain("GOFLAGS=-p=1");
});

test("versions of Go are compared by their numbers", () => {
  expect(isOlder("1.9", "1.26")).toBe(true);
  expect(isOlder("1.26.4", "1.26.4")).toBe(false);
  expect(isOlder("1.26", "1.26.4")).toBe(true);
  expect(isOlder("1.27rc1", "1.27")).toBe(false);
  expect(isOlder("2.0", "1.26")).toBe(false);
});
