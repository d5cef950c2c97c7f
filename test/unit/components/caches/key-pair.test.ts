import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nixKeyPair } from "../../../../components/caches/key-pair.ts";

/** What stands before the 32 bytes in the DER of every Ed25519 key: PKCS#8 and SubjectPublicKeyInfo (RFC 8410). */
const before = {
  seed: Buffer.from("302e020100300506032b657004220420", "hex"),
  publicKey: Buffer.from("302a300506032b6570032100", "hex"),
};
const privateKey = (seed: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([before.seed, seed]), format: "der", type: "pkcs8" });
const publicKey = (bytes: Uint8Array) =>
  createPublicKey({ key: Buffer.concat([before.publicKey, bytes]), format: "der", type: "spki" });
const pem = (seed: Uint8Array) => privateKey(seed).export({ type: "pkcs8", format: "pem" }) as string;

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const names = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_+-]{0,49}$/);

/** A key as Nix reads it: what stands before the first colon, and the bytes after it. */
function read(written: string): { name: string; bytes: Buffer } {
  const colon = written.indexOf(":");
  const [name, base64] = [written.slice(0, colon), written.slice(colon + 1)];
  expect(base64).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
  return { name, bytes: Buffer.from(base64, "base64") };
}

describe("a cache's key in Nix' notation", () => {
  test("has one name on both halves: the cache's, and eight digits of the key's own digest", () => {
    fc.assert(
      fc.property(names, seeds, (cache, seed) => {
        const pair = nixKeyPair(cache, pem(seed));
        const { name, bytes } = read(pair.publicKey);
        expect(name).toBe(`${cache}-${createHash("sha256").update(bytes).digest("hex").slice(0, 8)}`);
        expect(read(pair.keyPair).name).toBe(name);
      }),
    );
  });

  test("is trusted by Nix beside another key of the same cache: both names are told apart", () => {
    const trusted = (seed: Uint8Array) => read(nixKeyPair("main", pem(seed)).publicKey).name;
    const [old, renewed] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(trusted(renewed)).not.toBe(trusted(old));
    expect(trusted(old)).toBe(trusted(old));
  });

  test("is the seed and then the public key, which is all that clients are told", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const pair = nixKeyPair("main", pem(seed));
        const [whole, told] = [read(pair.keyPair).bytes, read(pair.publicKey).bytes];
        expect(whole.length).toBe(64);
        expect(whole.subarray(0, 32)).toEqual(Buffer.from(seed));
        expect(whole.subarray(32)).toEqual(told);
      }),
    );
  });

  test("signs, from the bytes that the server is given, what the public key verifies", () => {
    fc.assert(
      fc.property(seeds, fc.uint8Array(), (seed, message) => {
        const pair = nixKeyPair("main", pem(seed));
        const signature = sign(null, message, privateKey(read(pair.keyPair).bytes.subarray(0, 32)));
        const told = publicKey(read(pair.publicKey).bytes);
        expect(verify(null, message, told, signature)).toBe(true);
        expect(verify(null, Buffer.concat([message, Buffer.of(0)]), told, signature)).toBe(false);
      }),
    );
  });

  // RFC 8032, 7.1: computed by others.
  test.each([
    [
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    ],
    [
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    ],
    [
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    ],
  ])("is the standard's own: seed %s", (seed, expected) => {
    const pair = nixKeyPair("main", pem(Buffer.from(seed, "hex")));
    expect(read(pair.publicKey).bytes.toString("hex")).toBe(expected);
    expect(read(pair.keyPair).bytes.toString("hex")).toBe(seed + expected);
  });

  test("is made of no other kind of key, and none is shown", () => {
    for (const { privateKey } of [
      generateKeyPairSync("x25519"),
      generateKeyPairSync("rsa", { modulusLength: 1024 }),
    ]) {
      const text = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
      expect(() => nixKeyPair("main", text)).toThrow("the key of cache main is no Ed25519 private key");
    }
  });
});
