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
 * @throws CliError when one is missing: the stack was brought up by an older program
 */
export function readOutputs(stack: string, outputs: Record<string, unknown>): Deployed {
  const wrong = Object.entries(expected).flatMap(([name, type]) =>
    outputs[name] !== null && typeof outputs[name] === type ? [] : [name],
  );
  if (wrong.length > 0) {
    throw new CliError(
      EXIT.notFound,
      `stack ${stack} has no output ${wrong.join(", ")}: an older program brought it up`,
      bringUp(stack),
    );
  }
  return outputs as unknown as Deployed;
}
