/** OpenSSH's own key formats (RFC 4253, PROTOCOL.key), which node:crypto does not write. */
import { type KeyObject, randomBytes } from "node:crypto";

export interface Blob {
  /** For example `ssh-ed25519`. */
  readonly type: string;
  readonly bytes: Buffer;
}

const ECDSA_NAMES: Record<string, string> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };

/** The public key as SSH sends it; undefined for a curve SSH does not know. */
export function opensshPublicBlob(key: KeyObject): Blob | undefined {
  const parts = publicParts(key);
  const type = parts?.[0];
  return parts === undefined || type === undefined
    ? undefined
    : { type: type.toString(), bytes: Buffer.concat(parts.map(text)) };
}

function publicParts(key: KeyObject): Buffer[] | undefined {
  if (key.asymmetricKeyDetails?.namedCurve === "secp224r1") return undefined;
  const jwk = key.export({ format: "jwk" });
  if (jwk.kty === "RSA") return [Buffer.from("ssh-rsa"), integer(jwk.e), integer(jwk.n)];
  if (jwk.kty === "OKP") return [Buffer.from("ssh-ed25519"), bytes(jwk.x)];
  const curve = ECDSA_NAMES[jwk.crv ?? ""];
  if (curve === undefined) return undefined;
  const point = Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]);
  return [Buffer.from(`ecdsa-sha2-${curve}`), Buffer.from(curve), point];
}

/** The unencrypted private key as `ssh-keygen` writes it. */
export function opensshPrivateKey(key: KeyObject, { type, bytes: publicBlob }: Blob): string {
  const jwk = key.export({ format: "jwk" });
  const check = randomBytes(4);
  let secret: Buffer;
  if (jwk.kty === "RSA") {
    const numbers = [jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map((part) => text(integer(part)));
    secret = Buffer.concat([text(Buffer.from(type)), ...numbers]);
  } else if (jwk.kty === "OKP") {
    // The public half comes twice: once alone, once after the seed.
    const seed = Buffer.concat([bytes(jwk.d), bytes(jwk.x)]);
    secret = Buffer.concat([publicBlob, text(seed)]);
  } else {
    secret = Buffer.concat([publicBlob, text(integer(jwk.d))]);
  }
  const comment = text(Buffer.alloc(0));
  const plain = Buffer.concat([check, check, secret, comment]);
  const padding = Buffer.from(Array.from({ length: (8 - (plain.length % 8)) % 8 }, (_, index) => index + 1));
  const none = text(Buffer.from("none"));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    none,
    none,
    text(Buffer.alloc(0)),
    Buffer.from([0, 0, 0, 1]),
    text(publicBlob),
    text(Buffer.concat([plain, padding])),
  ]);
  const lines = file.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function bytes(base64url: string | undefined): Buffer {
  return Buffer.from(base64url ?? "", "base64url");
}

/** A positive number: a leading zero byte keeps its top bit from reading as a sign. */
function integer(base64url: string | undefined): Buffer {
  let start = 0;
  const number = bytes(base64url);
  while (start < number.length - 1 && number[start] === 0) start++;
  const trimmed = number.subarray(start);
  return (trimmed[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed;
}

/** SSH's string: four bytes of length, then the bytes. */
function text(value: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, value]);
}
