import { createHash, createPrivateKey } from "node:crypto";

/** A cache's key pair in Nix' own notation, `name:base64`. */
export interface NixKeyPair {
  /** What clients put into `trusted-public-keys`. */
  publicKey: string;
  /** What the server signs with: the 32 bytes of the seed and the 32 of the public key. */
  keyPair: string;
}

/**
 * An Ed25519 key as Nix writes it. Nix keeps one key of each name and passes over every other that it is told to trust:
 * so a key's name has a digest of the key itself beside the cache's name. Two keys never have the same, be they the old
 * and the new one of a cache, or those of two stacks.
 * @param cache the cache's name
 * @param pem PKCS#8
 */
export function nixKeyPair(cache: string, pem: string): NixKeyPair {
  const { crv, d, x } = createPrivateKey(pem).export({ format: "jwk" });
  if (crv !== "Ed25519" || !d || !x) throw new Error(`the key of cache ${cache} is no Ed25519 private key`);
  const [seed, publicKey] = [Buffer.from(d, "base64url"), Buffer.from(x, "base64url")];
  const name = `${cache}-${createHash("sha256").update(publicKey).digest("hex").slice(0, 8)}`;
  const written = (bytes: Buffer) => `${name}:${bytes.toString("base64")}`;
  return { publicKey: written(publicKey), keyPair: written(Buffer.concat([seed, publicKey])) };
}
