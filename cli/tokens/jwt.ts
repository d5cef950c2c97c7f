import { createPublicKey, verify } from "node:crypto";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

/** A JWT taken apart, with nothing in it believed yet. */
export interface DecodedJwt {
  /** All of it. */
  text: string;
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
}

/**
 * Takes a JWT apart.
 * @throws CliError when it is none; nothing of it is in the message
 */
export function decodeJwt(text: string): DecodedJwt {
  const parts = text.split(".");
  const [header, payload] = parts.slice(0, 2).map(jsonObject);
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]*$/.test(part)) || !header || !payload) {
    throw new CliError(
      EXIT.usage,
      "this is no token",
      "a token is three parts of letters, digits, - and _ with dots between them; the first begins with eyJ",
    );
  }
  return { text, header, payload };
}

/**
 * Whether a key signed it, whatever else is in it.
 * @param publicKeyBase64 the public key as the server takes it: base64 of a PEM
 */
export function isSignedBy({ text }: Pick<DecodedJwt, "text">, publicKeyBase64: string): boolean {
  const end = text.lastIndexOf(".");
  const key = createPublicKey(Buffer.from(publicKeyBase64, "base64").toString());
  const signature = Buffer.from(text.slice(end + 1), "base64url");
  return verify("sha256", Buffer.from(text.slice(0, end)), key, signature);
}

function jsonObject(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
