import type { CacheAddress } from "../components/caches/index.ts";
import type { PublishedToken } from "../components/tokens/published.ts";
import { bringUp } from "./deployments/index.ts";
import { CliError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";

/** The outputs of a stack that commands work with. */
export interface Deployed {
  /** Where clients find the API; it ends in a slash. */
  url: string;
  /** Every token by its name; secret. */
  tokens: Record<string, PublishedToken>;
  /** When the signing key was made, from which generations are counted; ISO 8601. */
  tokenAnchor: string;
  /** The public signing key: base64 of its PEM. */
  publicKeyBase64: string;
  /** What clients need of each declared cache. */
  caches: Record<string, CacheAddress>;
  /** What the server signs with, by cache; secret. */
  cacheKeyPairs: Record<string, string>;
}

const expected: Record<keyof Deployed, "string" | "object"> = {
  url: "string",
  tokens: "object",
  tokenAnchor: "string",
  publicKeyBase64: "string",
  caches: "object",
  cacheKeyPairs: "object",
};

/**
 * The outputs of a stack, which has some.
 * @throws CliError when one is missing, or could not be decrypted: of those, Pulumi says null and nothing else
 */
export function readOutputs(stack: string, outputs: Record<string, unknown>): Deployed {
  const names = Object.keys(expected) as (keyof Deployed)[];
  const encrypted = names.filter((name) => hasNull(outputs[name]));
  if (encrypted.length > 0) {
    throw new CliError(
      EXIT.failed,
      `Pulumi could not decrypt the outputs of stack ${stack}: ${encrypted.join(", ")}`,
      "give it the passphrase or the access to the key service that the stack's secrets are encrypted with",
    );
  }
  const missing = names.filter((name) => typeof outputs[name] !== expected[name]);
  if (missing.length > 0) {
    throw new CliError(
      EXIT.notFound,
      `stack ${stack} has no output ${missing.join(", ")}: an older program brought it up`,
      bringUp(stack),
    );
  }
  return outputs as unknown as Deployed;
}

const hasNull = (output: unknown) =>
  output === null || (typeof output === "object" && Object.values(output as object).includes(null));
