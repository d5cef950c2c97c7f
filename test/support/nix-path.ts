import { randomBytes } from "node:crypto";

/** Nix' own: without e, o, t and u. */
export const nixAlphabet = "0123456789abcdfghijklmnpqrsvwxyz";

/** The hash of a store path that nobody has. */
export const newHash = (): string => [...randomBytes(32)].map((byte) => nixAlphabet[byte & 31]).join("");

/** What a client says of a path that it uploads, which refers to no other. */
export const pathInfo = (cache: string, hash: string, name: string, sha256: string, size: number) => ({
  cache,
  store_path_hash: hash,
  store_path: `/nix/store/${hash}-${name}`,
  references: [] as string[],
  system: null,
  deriver: null,
  sigs: [] as string[],
  ca: null,
  nar_hash: `sha256:${sha256}`,
  nar_size: size,
});
