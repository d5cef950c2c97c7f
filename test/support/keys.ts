import { generateKeyPairSync } from "node:crypto";

/** A key as the tls provider gives it. */
export interface TestKey {
  privateKeyPem: string;
  publicKeyPem: string;
}

const made = new Map<string, TestKey>();

/** The key of a name: a real one, the same one all through a run, and small to be quick. */
export function testKey(name: string, algorithm = "RSA"): TestKey {
  const key = made.get(name) ?? make(algorithm);
  made.set(name, key);
  return key;
}

function make(algorithm: string): TestKey {
  const { privateKey, publicKey } =
    algorithm === "RSA"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ed25519");
  const type = algorithm === "RSA" ? "pkcs1" : "pkcs8";
  return {
    privateKeyPem: privateKey.export({ type, format: "pem" }) as string,
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }) as string,
  };
}
