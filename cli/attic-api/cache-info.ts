import { exchange } from "./exchange.ts";
import type { AtticApiOptions } from "./index.ts";
import { errorResponse } from "./wire.ts";

/** What a server answered to the question that Nix begins with. */
export interface CacheInfo {
  status: number;
  /** The server's name for its error; undefined when it told none, or something else answered. */
  code?: string;
  /** From `StoreDir:` of the answer's text. */
  storeDir?: string;
}

/** Who asks; without a token, anybody. */
export type CacheInfoOptions = Omit<AtticApiOptions, "token"> & { token?: string };

/**
 * `GET /<cache>/nix-cache-info`, whatever the answer is.
 * @throws what the network says
 */
export async function cacheInfo(
  { endpoint, host, token, timeout = 10_000 }: CacheInfoOptions,
  cache: string,
): Promise<CacheInfo> {
  const { status, text } = await exchange({
    method: "GET",
    url: new URL(`${encodeURIComponent(cache)}/nix-cache-info`, endpoint),
    headers: {
      "user-agent": "atticctl",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(host !== undefined && { host }),
    },
    timeout,
  });
  const code = errorIn(text);
  const storeDir = status === 200 ? /^StoreDir: (.*)$/m.exec(text)?.[1]?.trim() : undefined;
  return { status, ...(code && { code }), ...(storeDir && { storeDir }) };
}

function errorIn(text: string): string | undefined {
  try {
    return errorResponse.safeParse(JSON.parse(text)).data?.error;
  } catch {
    return undefined;
  }
}
