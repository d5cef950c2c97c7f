/** Real private keys, in the forms the official provider gives them. */
import { createHash, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { opensshPrivateKey, opensshPublicBlob } from "./openssh.ts";

export const ALGORITHMS = ["RSA", "ECDSA", "ED25519"] as const;
export const CURVES = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
} as const;

export interface KeyOptions {
  readonly algorithm: (typeof ALGORITHMS)[number];
  readonly ecdsaCurve: keyof typeof CURVES;
  readonly rsaBits: number;
}

export interface PrivateKey {
  /** SHA-1 of the public key: the resource's id. */
  readonly fingerprint: string;
  readonly privateKeyPem: string;
  readonly privateKeyPemPkcs8: string;
  readonly privateKeyOpenssh: string;
  readonly publicKeyPem: string;
  readonly publicKeyOpenssh: string;
  readonly publicKeyFingerprintMd5: string;
  readonly publicKeyFingerprintSha256: string;
}

const generate = promisify(generateKeyPair);

/** Generates a key with node:crypto. */
export async function generateKey(options: KeyOptions): Promise<PrivateKey> {
  const { publicKey, privateKey } = await keyPair(options);
  const der = publicKey.export({ type: "spki", format: "der" });
  return {
    fingerprint: createHash("sha1").update(der).digest("hex"),
    privateKeyPem: traditionalPem(privateKey, options.algorithm),
    privateKeyPemPkcs8: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }) as string,
    ...openssh(publicKey, privateKey),
  };
}

function keyPair({ algorithm, ecdsaCurve, rsaBits }: KeyOptions) {
  if (algorithm === "RSA") return generate("rsa", { modulusLength: rsaBits });
  if (algorithm === "ECDSA") return generate("ec", { namedCurve: CURVES[ecdsaCurve] });
  return generate("ed25519");
}

/** PKCS#1 and SEC 1 where the algorithm has such a form, as Go writes them. */
function traditionalPem(key: KeyObject, algorithm: KeyOptions["algorithm"]): string {
  if (algorithm === "RSA") return key.export({ type: "pkcs1", format: "pem" }) as string;
  if (algorithm === "ECDSA") return key.export({ type: "sec1", format: "pem" }) as string;
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}

function openssh(publicKey: KeyObject, privateKey: KeyObject) {
  const blob = opensshPublicBlob(publicKey);
  if (blob === undefined) {
    // OpenSSH knows no P-224.
    return {
      publicKeyOpenssh: "",
      privateKeyOpenssh: "",
      publicKeyFingerprintMd5: "",
      publicKeyFingerprintSha256: "",
    };
  }
  const md5 = createHash("md5").update(blob.bytes).digest("hex");
  const sha256 = createHash("sha256").update(blob.bytes).digest("base64").replace(/=+$/, "");
  return {
    publicKeyOpenssh: `${blob.type} ${blob.bytes.toString("base64")}\n`,
    privateKeyOpenssh: opensshPrivateKey(privateKey, blob),
    publicKeyFingerprintMd5: md5.match(/../g)?.join(":") ?? "",
    publicKeyFingerprintSha256: `SHA256:${sha256}`,
  };
}
