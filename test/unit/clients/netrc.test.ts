import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { goodToken, type NixClient, nixClient } from "../../support/nix-client.ts";

const script = resolve(import.meta.dirname, "../../../clients/netrc.sh");
const host = "nix-cache.example.com";
const line = `machine ${host} login nix password ${goodToken}\n`;

let machine: NixClient;
let netrc: string;
beforeEach(() => {
  machine = nixClient();
  netrc = join(machine.folder, "etc/nix/netrc");
  mkdirSync(dirname(netrc), { recursive: true });
});
afterEach(() => machine.remove());

const put = (input = `${goodToken}\n`, shell = "sh", file = netrc) =>
  machine.run(shell, [script, host, file], { input });
const has = () => readFileSync(netrc, "utf8");
/** What there was before, for everybody to read. */
const before = (text: string) => writeFileSync(netrc, text, { mode: 0o644 });

describe.each(["dash", "bash"])("a token that is put into a netrc file, by %s", (shell) => {
  test("makes a file that is not there, and its folder", async () => {
    netrc = join(machine.folder, "home/.config/nix/netrc");
    expect(await put(undefined, shell)).toEqual({ code: 0, log: "" });
    expect(has()).toBe(line);
    expect(statSync(netrc).mode & 0o777).toBe(0o600);
  });

  test("takes the place of the one before, in a file that its owner alone reads from then on", async () => {
    before(`machine ${host} login nix password old\n`);
    await put(undefined, shell);
    expect(has()).toBe(line);
    expect(statSync(netrc).mode & 0o777).toBe(0o600);
  });

  test("changes nothing when none comes in", async () => {
    before("machine other login a password b\n");
    const { code, log } = await put("", shell);
    expect([code, log]).toEqual([1, `netrc: no token came in; ${netrc} is as it was\n`]);
    expect(has()).toBe("machine other login a password b\n");
    expect(readdirSync(dirname(netrc))).toEqual(["netrc"]);
  });
});

describe("what the file has for others", () => {
  const others = "machine other.example.com login a password b\n";

  test("stays, whether they stand before or behind", async () => {
    before(`${others}machine ${host} login nix password old\nmachine ${host}.org login c password d\n`);
    await put();
    expect(has()).toBe(`${line}${others}machine ${host}.org login c password d\n`);
  });

  test("stays, where an entry goes over several lines", async () => {
    before(
      `machine ${host}\n  login nix\n  # kept\n  password old\nmachine other.example.com\n  login a\n  password b\n`,
    );
    await put();
    expect(has()).toBe(`${line}  # kept\nmachine other.example.com\n  login a\n  password b\n`);
  });

  test("stands behind: `default` fits every host, and the first that fits counts", async () => {
    before("default login anonymous password x\n");
    await put();
    expect(has()).toBe(`${line}default login anonymous password x\n`);
  });
});

describe("the token", () => {
  test("comes into no process' arguments and into no output", async () => {
    for (const program of ["awk", "cat", "dirname", "mkdir", "mktemp", "mv", "rm"]) {
      const standIn = `#!/bin/sh\n"$FAKE/look" ${program} "$@"\nPATH='${process.env.PATH}' exec ${program} "$@"\n`;
      writeFileSync(join(machine.folder, "bin", program), standIn, { mode: 0o755 });
    }
    before(line);
    const { log } = await machine.run("sh", ["-x", script, host, netrc], { input: goodToken });
    expect(has()).toBe(line);
    expect(machine.lines("calls").length).toBeGreaterThan(4);
    expect(machine.read("seen")).toBe("");
    expect(log).not.toContain(goodToken);
  });

  test("is not used when it could be more than a token in the file", async () => {
    const { code, log } = await put("a\nmachine other login x password y\n");
    expect([code, existsSync(netrc)]).toEqual([1, false]);
    expect(log).toContain("has characters that no token of Attic has");
  });
});

test("a link is left to whatever made it", async () => {
  const elsewhere = join(machine.folder, "secret");
  writeFileSync(elsewhere, "theirs");
  symlinkSync(elsewhere, netrc);
  const { code, log } = await put();
  expect([code, has()]).toEqual([1, "theirs"]);
  expect(log).toContain("that is a link");
});

test("a host and a file are needed", async () => {
  const { code, log } = await machine.run("sh", [script, host]);
  expect(code).toBe(2);
  expect(log).toContain("netrc.sh HOST FILE");
});
