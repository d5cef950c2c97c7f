import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Context } from "../../../../embedded/providers/provider.ts";
import { Secret } from "../../../../embedded/providers/struct.ts";
import { tlsProvider } from "../../../../embedded/providers/tls/index.ts";
import { generateKey, type KeyOptions } from "../../../../embedded/providers/tls/private-key.ts";

const KINDS: [string, Partial<KeyOptions>, string][] = [
  ["RSA", { algorithm: "RSA", rsaBits: 2048 }, "BEGIN RSA PRIVATE KEY"],
  ["P256", { algorithm: "ECDSA", ecdsaCurve: "P256" }, "BEGIN EC PRIVATE KEY"],
  ["P384", { algorithm: "ECDSA", ecdsaCurve: "P384" }, "BEGIN EC PRIVATE KEY"],
  ["P521", { algorithm: "ECDSA", ecdsaCurve: "P521" }, "BEGIN EC PRIVATE KEY"],
  ["ED25519", { algorithm: "ED25519" }, "BEGIN PRIVATE KEY"],
];

function key(options: Partial<KeyOptions>) {
  return generateKey({ algorithm: "RSA", rsaBits: 2048, ecdsaCurve: "P224", ...options });
}

describe.each(KINDS)("a private key of %s", (name, options, header) => {
  it("signs what its public key verifies, in both of its PEM forms", async () => {
    const generated = await key(options);
    expect(generated.privateKeyPem).toContain(header);
    expect(generated.privateKeyPemPkcs8).toContain("BEGIN PRIVATE KEY");
    const digest = name === "ED25519" ? null : "sha256";
    for (const pem of [generated.privateKeyPem, generated.privateKeyPemPkcs8]) {
      const signature = sign(digest, Buffer.from("message"), createPrivateKey(pem));
      const publicKey = createPublicKey(generated.publicKeyPem);
      expect(verify(digest, Buffer.from("message"), publicKey, signature)).toBe(true);
    }
  });

  it("has the fingerprints of its OpenSSH form", async () => {
    const generated = await key(options);
    const blob = Buffer.from(generated.publicKeyOpenssh.split(" ")[1] ?? "", "base64");
    const sha256 = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
    expect(generated.publicKeyFingerprintSha256).toBe(`SHA256:${sha256}`);
    expect(generated.publicKeyFingerprintMd5.replaceAll(":", "")).toBe(
      createHash("md5").update(blob).digest("hex"),
    );
  });

  it.skipIf(!hasSshKeygen())("has an OpenSSH form that ssh-keygen reads", async () => {
    const generated = await key(options);
    const directory = mkdtempSync(join(tmpdir(), "attic-ssh-"));
    const file = join(directory, "key");
    writeFileSync(file, generated.privateKeyOpenssh, { mode: 0o600 });
    const derived = execFileSync("ssh-keygen", ["-y", "-f", file], { encoding: "utf8" });
    rmSync(directory, { recursive: true });
    expect(derived.trim()).toBe(generated.publicKeyOpenssh.trim());
  });
});

function hasSshKeygen(): boolean {
  try {
    execFileSync("ssh-keygen", ["-?"], { stdio: "ignore" });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

it("has no OpenSSH form of P224, which OpenSSH does not know", async () => {
  const generated = await key({ algorithm: "ECDSA", ecdsaCurve: "P224" });
  expect([generated.publicKeyOpenssh, generated.privateKeyOpenssh]).toEqual(["", ""]);
});

describe("the provider", () => {
  const context: Context = { log() {}, status() {}, signal: new AbortController().signal };
  const request = (news: object) => ({
    urn: "urn:pulumi:dev::p::tls:index/privateKey:PrivateKey::k",
    type: "tls:index/privateKey:PrivateKey",
    name: "k",
    olds: {},
    news: { ...news },
    randomSeed: new Uint8Array(),
  });

  it("marks exactly the private halves as secret", async () => {
    const news = { algorithm: "ED25519", ecdsaCurve: "P224", rsaBits: 2048 };
    const { outputs } = await tlsProvider().create({ ...request(news), timeout: 0, preview: false }, context);
    const secrets = Object.keys(outputs).filter((name) => outputs[name] instanceof Secret);
    expect(secrets.sort()).toEqual(["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"]);
  });

  it("says what it found and what is allowed", async () => {
    const { failures } = await tlsProvider().check(request({ algorithm: "DSA", rsaBits: 512 }), context);
    expect(failures).toEqual([
      { property: "algorithm", reason: 'found "DSA"; allowed: RSA, ECDSA, ED25519' },
      { property: "rsaBits", reason: "found 512; allowed: 1024 or more" },
    ]);
  });

  it("names a type it lacks", async () => {
    const type = "tls:index/selfSignedCert:SelfSignedCert";
    const { failures } = await tlsProvider().check({ ...request({}), type }, context);
    expect(failures?.[0]?.reason).toContain(`${type}: the stand-in for tls does PrivateKey only`);
  });
});
