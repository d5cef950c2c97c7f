import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ensureOperator,
  type Operator,
  operatorStatus,
  stopOperator,
} from "../../../embedded/cloudnative-pg/index.ts";
import { ensureControlPlane, stopControlPlane } from "../../../embedded/control-plane/index.ts";
import { renderProgress } from "../../../embedded/toolchain/index.ts";
import {
  applyDatabase,
  databaseIn,
  familyOf,
  listeningHere,
  machineState,
  networkOf,
} from "../../support/cloudnative-pg.ts";
import { kubectl, sharedControlPlane } from "../../support/control-plane.ts";
import { isRunning } from "../../support/processes.ts";

const { listener: progress, end } = renderProgress();
const ensure = (): Promise<Operator> =>
  ensureOperator({ controlPlane: sharedControlPlane(), dieWithParent: true, progress });
const directory = () => join(sharedControlPlane().stateDir, "cloudnative-pg");
const gone = (pids: readonly number[]) =>
  expect.poll(() => pids.filter(isRunning), { timeout: 5_000 }).toEqual([]);

let before: Record<string, string>;
beforeAll(async () => {
  before = await machineState();
  await ensure().finally(end);
});
afterAll(() => stopOperator(sharedControlPlane()));

describe("the operator", () => {
  test("runs in a network of its own, and listens outside it on the loopback alone", async () => {
    const { pid, version } = await ensure();
    const [outside, inside, operator, ...others] = await familyOf(pid);
    expect(others).toEqual([]);
    const here = await networkOf("self");
    expect(await networkOf(outside as number)).toBe(here);
    expect(await networkOf(inside as number)).not.toBe(here);
    expect(await networkOf(operator as number)).toBe(await networkOf(inside as number));
    const { webhookPort } = JSON.parse(await readFile(join(directory(), "settings.json"), "utf8"));
    expect(await listeningHere(await familyOf(pid))).toEqual([`127.0.0.1:${webhookPort}`]);
    expect(await operatorStatus(sharedControlPlane())).toEqual({ state: "ready", pid, version });
  });

  test("changes no address, route or mount of this machine", async () => {
    expect(await machineState()).toEqual(before);
  });

  test("is found again, also by two calls at once", async () => {
    const [first, second] = await Promise.all([ensure(), ensure()]);
    expect([first.started, second.started]).toEqual([false, false]);
    expect(first.pid).toBe(second.pid);
  });

  test("keeps its secrets to its owner, out of arguments and logs", async () => {
    const { pid, logs } = await ensure();
    const token = await readFile(join(directory(), "token"), "utf8");
    for (const name of ["token", "stand-in.token", "kubeconfig", "settings.json", "webhook/tls.key"])
      expect((await stat(join(directory(), name))).mode & 0o777).toBe(0o600);
    for (const each of await familyOf(pid))
      for (const part of ["cmdline", "environ"])
        expect(await readFile(`/proc/${each}/${part}`, "utf8")).not.toContain(token);
    for (const log of await readdir(logs))
      expect(await readFile(join(logs, log), "utf8")).not.toContain(token);
  });

  test("is started again when it dies", async () => {
    const { pid } = await ensure();
    const [, , operator] = await familyOf(pid);
    process.kill(operator as number, "SIGKILL");
    await gone([operator as number]);
    await expect.poll(async () => (await familyOf(pid)).length, { timeout: 5_000 }).toBe(3);
    await expect.poll(async () => (await operatorStatus(sharedControlPlane())).state).toBe("ready");
  });

  test("is gone with all its parts when the one around it is killed, and starts anew", async () => {
    const { pid } = await ensure();
    const family = await familyOf(pid);
    process.kill(pid, "SIGKILL");
    await gone(family);
    expect(await operatorStatus(sharedControlPlane())).toEqual({ state: "stopped" });
    expect((await ensure()).started).toBe(true);
  });

  test("leaves nothing behind when it is stopped: no process, no webhook, no token", async () => {
    const family = await familyOf((await ensure()).pid);
    expect(await stopOperator(sharedControlPlane())).toBe(true);
    expect(family.filter(isRunning)).toEqual([]);
    expect(await stopOperator(sharedControlPlane())).toBe(false);
    expect(await operatorStatus(sharedControlPlane())).toEqual({ state: "stopped" });
    expect(await machineState()).toEqual(before);
    expect(await readdir(directory())).not.toContain("token");
    // Nobody decides about it, and nobody keeps it from being stored.
    const namespace = `database-${randomBytes(4).toString("hex")}`;
    await applyDatabase(databaseIn(namespace));
    await kubectl(["delete", "namespace", namespace, "--wait=false"]);
  });
});

test("ends with its control plane, however that ends", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "attic-operator-"));
  try {
    const { pid } = await ensureControlPlane({ stateDir, crds: false, dieWithParent: true });
    const family = await familyOf((await ensureOperator({ controlPlane: { stateDir } })).pid);
    process.kill(pid, "SIGKILL");
    await gone(family);
  } finally {
    await stopOperator({ stateDir });
    await stopControlPlane({ stateDir, wipe: true });
  }
});

test("needs a control plane that runs", async () => {
  const stateDir = join(tmpdir(), "attic-no-control-plane");
  await expect(ensureOperator({ controlPlane: { stateDir } })).rejects.toThrow("No control plane runs on");
  expect(await stopOperator({ stateDir })).toBe(false);
});
