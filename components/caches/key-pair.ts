import { createPrivateKey } from "node:crypto";

/** A cache's key pair in Nix' own notation, `name:base64`. */
export interface NixKeyPair {
  /** What clients put into `trusted-public-keys`. */
  publicKey: string;
  /** What the server signs with: the 32 bytes of the seed and the 32 of the public key. */
  keyPair: string;
}

/**
 * An Ed25519 key as Nix writes it.
 * @param name of the key: the cache's, as the server names those that it makes itself
 * @param pem PKCS#8
 */
export function nixKeyPair(name: string, pem: string): NixKeyPair {
  const { crv, d, x } = createPrivateKey(pem).export({ format: "jwk" });
  if (crv !== "Ed25519" || !d || !x) throw new Error(`the key of cache ${name} is no Ed25519 private key`);
  const [seed, publicKey] = [Buffer.from(d, "base64url"), Buffer.from(x, "base64url")];
  const written = (bytes: Buffer) => `${name}:${bytes.toString("base64")}`;
  return { publicKey: written(publicKey), keyPair: written(Buffer.concat([seed, publicKey])) };
}
