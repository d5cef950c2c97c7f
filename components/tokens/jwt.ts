import { createPrivateKey, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import type { Claims } from "./claims.ts";

/** The only header that the server's key takes: RS256, no `kid`, as it knows a single key. */
export const header = { alg: "RS256", typ: "JWT" } as const;

/**
 * Reads the signing key.
 * @param pem PKCS#1 or PKCS#8
 */
export const signingKey = (pem: string): KeyObject => createPrivateKey(pem);

/** Signs claims. RS256 is deterministic: the same claims and key make the same token. */
export function sign(claims: Claims, key: KeyObject): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader(header).sign(key);
}
