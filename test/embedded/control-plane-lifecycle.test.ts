import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  controlPlaneStatus,
  ensureControlPlane,
  kubeClient,
  stopControlPlane,
} from "../../embedded/control-plane/index.ts";
import { partPid } from "../../embedded/control-plane/state.ts";
import { run } from "../support/control-plane.ts";
import { childrenOf, isRunning } from "../support/processes.ts";

// Each test starts and stops control planes of its own; the shared one is left alone.
let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "attic-lifecycle-"));
});
afterEach(async () => {
  await stopControlPlane({ stateDir });
  await rm(stateDir, { recursive: true });
});

const start = (options: { port?: number } = {}) =>
  ensureControlPlane({ stateDir, crds: false, dieWithParent: true, ...options });

describe("starting", () => {
  test("by two callers at once gives one control plane", async () => {
    const both = await Promise.all([start(), start()]);

    expect(both.map(({ started }) => started).sort()).toEqual([false, true]);
    expect(both[0].pid).toBe(both[1].pid);
    expect(await controlPlaneStatus({ stateDir })).toMatchObject({
      state: "ready",
      pid: both[0].pid,
      nodes: 3,
    });
  });

  test("can be called off midway, and leaves nothing running", async () => {
    const starting = start().catch((error: unknown) => error);
    await vi.waitFor(async () => expect(await partPid(stateDir, "kube-apiserver")).toBeGreaterThan(0), {
      timeout: 20_000,
      interval: 20,
    });
    const { state, pid = 0 } = await controlPlaneStatus({ stateDir });
    const pids = [pid, ...(await childrenOf(pid))];

    process.kill(pid, "SIGTERM");

    expect(state).toBe("starting");
    expect(String(await starting)).toContain("The control plane ended before it was ready (exit code 0)");
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test("on a port that is taken fails, says so, and leaves nothing running", async () => {
    const { port, close } = await listen();
    try {
      await expect(start({ port })).rejects.toThrow(`port ${port} was asked for but cannot be used`);

      expect(await controlPlaneStatus({ stateDir })).toEqual({ state: "stopped" });
      expect(existsSync(join(stateDir, "ready.json"))).toBe(false);
    } finally {
      close();
    }
  });
});

describe("stopping", () => {
  test("leaves no process and no ready.json; what was made is there again after the next start, on the same port", async () => {
    const first = await start();
    await createNamespace(first.kubeconfig, "kept");
    const pids = [first.pid, ...(await childrenOf(first.pid))];

    expect(await stopControlPlane({ stateDir })).toBe(true);

    expect(pids).toHaveLength(7);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(existsSync(join(stateDir, "ready.json"))).toBe(false);
    expect(await stopControlPlane({ stateDir })).toBe(false);

    const second = await start();
    expect(second).toMatchObject({ started: true, server: first.server });
    expect(second.pid).not.toBe(first.pid);
    expect(await namespaceStatus(second.kubeconfig, "kept")).toBe(200);
    expect(await namespaceStatus(second.kubeconfig, "never-made")).toBe(404);
  });

  test("and losing the port to another program moves the API server, and the kubeconfig with it", async () => {
    const first = await start();
    await createNamespace(first.kubeconfig, "kept");
    await stopControlPlane({ stateDir });
    const { close } = await listen(Number(new URL(first.server).port));
    try {
      const second = await start();

      expect(second.server).not.toBe(first.server);
      expect(await readFile(second.kubeconfig, "utf8")).toContain(second.server);
      expect(await namespaceStatus(second.kubeconfig, "kept")).toBe(200);
    } finally {
      close();
    }
  });

  test("with `wipe` forgets everything, and refuses a directory that is none of ours", async () => {
    const first = await start();
    await createNamespace(first.kubeconfig, "forgotten");

    await stopControlPlane({ stateDir, wipe: true });
    expect(existsSync(stateDir)).toBe(false);

    const second = await start();
    expect(await namespaceStatus(second.kubeconfig, "forgotten")).toBe(404);

    const other = await mkdtemp(join(tmpdir(), "attic-other-"));
    await writeFile(join(other, "thesis.txt"), "years of work");
    await expect(stopControlPlane({ stateDir: other, wipe: true })).rejects.toThrow(
      "is not the state directory",
    );
    expect(existsSync(join(other, "thesis.txt"))).toBe(true);
    await rm(other, { recursive: true });
  });
});

describe("dying", () => {
  test("of the supervisor takes every part with it, and the next start is clean", async () => {
    const first = await start();
    const children = await childrenOf(first.pid);
    expect(children).toHaveLength(6);

    process.kill(first.pid, "SIGKILL");

    await vi.waitFor(() => expect(children.filter(isRunning)).toEqual([]), { timeout: 5000, interval: 50 });
    expect(await controlPlaneStatus({ stateDir })).toEqual({ state: "stopped" });
    expect(await start()).toMatchObject({ started: true, server: first.server });
  });

  test("of the process that started it ends it, with `dieWithParent`", async () => {
    const parent = spawnStarter({ dieWithParent: true });
    const pid = await parent.started;
    const pids = [pid, ...(await childrenOf(pid))];

    parent.kill();

    await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), { timeout: 20_000, interval: 50 });
    expect(existsSync(join(stateDir, "ready.json"))).toBe(false);
  });

  test("of the process that started it does not end it, without", async () => {
    const parent = spawnStarter({ dieWithParent: false });
    const pid = await parent.started;

    parent.kill();
    await parent.ended;

    expect(await controlPlaneStatus({ stateDir })).toMatchObject({ state: "ready", pid });
  });

  test("of one part again and again stops everything, naming the part and showing its log", async () => {
    const { pid } = await start();
    const children = await childrenOf(pid);

    let killed = 0;
    await vi.waitFor(
      async () => {
        const part = await partPid(stateDir, "kube-scheduler").catch(() => 0);
        if (part > 0 && isRunning(part)) {
          process.kill(part, "SIGKILL");
          killed++;
        }
        expect(isRunning(pid)).toBe(false);
      },
      { timeout: 90_000, interval: 100 },
    );

    expect(killed).toBe(6);
    expect(children.filter(isRunning)).toEqual([]);
    const log = await readFile(join(stateDir, "logs", "up.log"), "utf8");
    expect(log).toContain("failed: kube-scheduler died 6 times within a minute (signal: killed)");
    expect(log).toContain(`the end of ${join(stateDir, "logs", "kube-scheduler.log")}:`);
  });
});

describe("the state directory", () => {
  test("holds no second control plane: another supervisor on it is refused", async () => {
    const { binary } = await start();

    const { code, stdout } = await run(binary, ["up", `--state=${stateDir}`]);

    expect(code).toBe(1);
    expect(stdout).toContain(`a control plane already runs on ${stateDir}`);
    expect((await controlPlaneStatus({ stateDir })).state).toBe("ready");
  });

  test("of a control plane whose certificates are gone gets new ones, and keeps its objects", async () => {
    const first = await start();
    await createNamespace(first.kubeconfig, "kept");
    const before = await readFile(first.kubeconfig, "utf8");
    await stopControlPlane({ stateDir });
    await rm(join(stateDir, "pki", "ca.crt"));

    const second = await start();

    expect(await readFile(second.kubeconfig, "utf8")).not.toBe(before);
    expect(await namespaceStatus(second.kubeconfig, "kept")).toBe(200);
  });
});

async function createNamespace(kubeconfig: string, name: string): Promise<void> {
  await withClient(kubeconfig, (client) =>
    client.json("POST", "/api/v1/namespaces", { body: { metadata: { name } } }),
  );
}

async function namespaceStatus(kubeconfig: string, name: string): Promise<number> {
  return withClient(
    kubeconfig,
    async (client) => (await client.call("GET", `/api/v1/namespaces/${name}`)).status,
  );
}

async function withClient<T>(
  kubeconfig: string,
  action: (client: Awaited<ReturnType<typeof kubeClient>>) => Promise<T>,
): Promise<T> {
  const client = await kubeClient(kubeconfig);
  try {
    return await action(client);
  } finally {
    client.close();
  }
}

/** Another Node process that starts the control plane of this test, says its pid, and stays. */
function spawnStarter(options: { dieWithParent: boolean }) {
  const module = join(import.meta.dirname, "../../embedded/control-plane/index.ts");
  const script = `
    const { ensureControlPlane } = await import(${JSON.stringify(module)});
    const { pid } = await ensureControlPlane(${JSON.stringify({ stateDir, crds: false, ...options })});
    console.log(pid);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return {
    started: new Promise<number>((resolve, reject) => {
      child.stdout.once("data", (data) => resolve(Number(data)));
      child.once("exit", () => reject(new Error("the starter ended early")));
    }),
    ended: new Promise((resolve) => child.once("exit", resolve)),
    kill: () => child.kill("SIGKILL"),
  };
}

async function listen(port = 0): Promise<{ port: number; close: () => void }> {
  const server = await new Promise<Server>((resolve, reject) => {
    const listening = createServer();
    listening.once("error", reject).listen(port, "127.0.0.1", () => resolve(listening));
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    close: () => {
      server.close();
    },
  };
}
