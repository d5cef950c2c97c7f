import { lookup } from "node:dns/promises";
import process from "node:process";

/** What doctor sees of the world beside the cluster and Pulumi. */
export interface Outside {
  /** The version of Node that runs this, without a `v`. */
  node: string;
  /** The addresses of a host name, as this machine resolves it; none where it has none. */
  addresses(hostname: string): Promise<string[]>;
  fetch: typeof fetch;
}

/** Milliseconds that anybody outside has for an answer. */
export const patience = 10_000;

/** The real one. */
export const realOutside: Outside = {
  node: process.versions.node,
  addresses: async (hostname) => {
    try {
      return (await lookup(hostname, { all: true })).map(({ address }) => address);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOTFOUND") return [];
      throw error;
    }
  },
  fetch: (...args) => fetch(...args),
};

/** Why there was no answer: `fetch failed` alone helps nobody. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.message || cause?.code || message;
}
