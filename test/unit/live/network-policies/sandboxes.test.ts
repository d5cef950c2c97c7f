import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSandboxes, type SandboxPlaces } from "../../../../live/network-policies/sandboxes.ts";

describe("whose an address is, a node knows", () => {
  let root: string;
  let places: SandboxPlaces;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "sandboxes-"));
    places = { addresses: join(root, "addresses"), sandboxes: join(root, "sandboxes") };
    await Promise.all(Object.values(places).map((folder) => mkdir(folder)));
    // What the address plugin keeps beside the addresses.
    await writeFile(join(places.addresses, "last_reserved_ip.0"), "10.244.1.2");
    await writeFile(join(places.addresses, "lock"), "");
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const give = (address: string, sandbox: string) =>
    writeFile(join(places.addresses, address), `${sandbox}\r\neth0`);
  const describeSandbox = async (sandbox: string, text: string) => {
    await mkdir(join(places.sandboxes, sandbox), { recursive: true });
    await writeFile(join(places.sandboxes, sandbox, "config.json"), text);
  };
  const of = (uid: string) => JSON.stringify({ annotations: { "io.kubernetes.cri.sandbox-uid": uid } });

  test("from the sandbox that has it, which names the pod", async () => {
    await give("10.244.1.2", "s1");
    await describeSandbox("s1", of("u1"));
    expect(await readSandboxes(places, new Map())).toEqual({
      sandboxes: [{ address: "10.244.1.2", uid: "u1" }],
      waiting: 0,
    });
  });

  test.each([
    ["not there", undefined],
    ["half written", '{"annotations": {'],
    ["not a pod's", "{}"],
  ])("but waits as long as that is %s", async (_, text) => {
    await give("10.244.1.2", "s1");
    if (text !== undefined) await describeSandbox("s1", text);
    expect(await readSandboxes(places, new Map())).toEqual({ sandboxes: [], waiting: 1 });
  });

  test("and no longer, when the address is given back", async () => {
    const cache = new Map<string, string>();
    await give("10.244.1.2", "s1");
    await describeSandbox("s1", of("u1"));
    await readSandboxes(places, cache);
    await rm(join(places.addresses, "10.244.1.2"));
    expect(await readSandboxes(places, cache)).toEqual({ sandboxes: [], waiting: 0 });
  });
});
