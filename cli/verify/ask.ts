import type { StackConfig } from "../../config/resolve.ts";
import { type CacheInfoOptions, cacheInfo } from "../attic-api/cache-info.ts";
import type { Deployed } from "../deployed.ts";
import type { Probe, Probes } from "../status/probes.ts";
import { questions } from "./questions.ts";

/**
 * A JWT with an id and a grant of everything, and a signature that is none. It is of no use to anybody, so it may be
 * sent: whoever takes it would take any.
 */
const forged = [
  { alg: "RS256", typ: "JWT" },
  {
    jti: "atticctl-verify-made-this-up",
    sub: "atticctl verify",
    "https://jwt.attic.rs/v1": { caches: { "*": { r: 1 } } },
  },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .concat(Buffer.alloc(256, 7).toString("base64url"))
  .join(".");

/**
 * Asks the ingress as clients do. Tokens are sent to it and told to nobody else.
 * @param at where, and with which Host header
 */
export async function askIngress(
  at: Pick<CacheInfoOptions, "endpoint" | "host">,
  config: StackConfig,
  { tokens }: Deployed,
): Promise<Probes> {
  const { reading, private: hidden, tokens: each } = questions(config, tokens);
  const ask = async (cache: string, token?: string, secret?: string): Promise<Probe> => {
    const common = { cache, ...(token !== undefined && { token }) };
    try {
      return {
        ...common,
        ...(await cacheInfo({ ...at, ...(secret !== undefined && { token: secret }) }, cache)),
      };
    } catch (error) {
      return { ...common, error: words(error) };
    }
  };
  const withToken = ({ cache, token }: { cache: string; token?: string }) =>
    ask(cache, token, token === undefined ? undefined : tokens[token]?.secret);
  const [read, anonymous, made, taken] = await Promise.all([
    reading && withToken(reading),
    hidden === undefined ? undefined : ask(hidden),
    hidden === undefined ? undefined : ask(hidden, undefined, forged),
    Promise.all(each.map(withToken)),
  ]);
  return {
    url: at.endpoint,
    ...(read && { reading: read }),
    ...(anonymous && { anonymous }),
    ...(made && { forged: made }),
    tokens: taken,
  };
}

function words(error: unknown): string {
  const { name, code, message } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError") return "it took too long";
  if (code === "SELF_SIGNED_CERT_IN_CHAIN" || code === "DEPTH_ZERO_SELF_SIGNED_CERT") {
    return `${message}; a private authority is trusted with NODE_EXTRA_CA_CERTS`;
  }
  return message || code || String(error);
}
