import { accessOf, type Letter, permissionsFor, type TokenRules } from "./access.ts";
import { bodyOf, cachePatch, isRejection, keyPairOf, newCache } from "./bodies.ts";
import { type Answer, json, plain, type SeenRequest } from "./exchange.ts";

// What the stub of Attic answers: server/src/{error,middleware}.rs, server/src/access/http.rs and
// server/src/api/{binary_cache,v1/cache_config}.rs, rule by rule.

/** How a stub is started. */
export interface StubOptions extends TokenRules {
  /** The Host headers that it answers. @default any */
  allowedHosts?: readonly string[];
  /** What it calls itself; ends in a slash. @default the URL that it is reached by */
  apiEndpoint?: string;
  /** @default the API endpoint */
  substituterEndpoint?: string;
  /** Whether destroyed caches keep their names. @default false */
  softDelete?: boolean;
  /** Its clock. @default the machine's */
  now?(): Date;
}

/** A cache as the stub keeps it. */
export interface StubCache {
  /** `name:base64` of the 64 bytes. */
  keypair: string;
  is_public: boolean;
  store_dir: string;
  priority: number;
  upstream_cache_key_names: string[];
  /** Seconds; null for the server's default. */
  retention_period: number | null;
  /** Whether it was destroyed, and its name is kept. */
  deleted?: boolean;
}

export interface State {
  options: StubOptions;
  caches: Map<string, StubCache>;
  database: { up: boolean };
}

/** The server's errors: their statuses, and the words of those that have no others. */
const errors = {
  NotFound: [404, "The URL you requested was not found."],
  Unauthorized: [401, "Unauthorized."],
  AccessError: [403, "Access error: User does not have permission to complete this action."],
  NoSuchCache: [404, "The requested cache does not exist."],
  NoSuchObject: [404, "The requested object does not exist."],
  CacheAlreadyExists: [400, "The cache already exists."],
  InternalServerError: [500, "The server encountered an internal error or misconfiguration."],
  InvalidStorePathHash: [500, "Error from the common components."],
  RequestError: [400, "General request error"],
} as const;

function failure(error: keyof typeof errors, detail?: string): Answer {
  const [code, words] = errors[error];
  const message = detail === undefined ? words : `${words}: ${detail}`;
  return { status: code, headers: json, text: JSON.stringify({ code, error, message }) };
}

/** To a request without a Host header; HTTP/2 has none. */
export const noHost = failure("RequestError", "Missing Host header");

/** What the server answers to a request. */
export function answer(state: State, request: SeenRequest): Answer {
  const { host } = request.headers;
  const { allowedHosts = [] } = state.options;
  if (host === undefined) return noHost;
  if (allowedHosts.length > 0 && !allowedHosts.includes(host)) return failure("RequestError", "Bad Host");

  const path = decodeURIComponent(new URL(request.path, "http://stub/").pathname);
  if (path === "/") {
    const page = {
      status: 200,
      headers: { "content-type": "text/html; charset=utf-8" },
      text: "a stub of Attic",
    };
    return reads(request) ? page : plain(405);
  }
  const config = /^\/_api\/v1\/cache-config\/([^/]+)$/.exec(path);
  const file = /^\/([^/]+)\/(nar\/)?([^/]+)$/.exec(path);
  const name = config?.[1] ?? file?.[1];
  if (name === undefined) return failure("NotFound");
  if (!/^[A-Za-z0-9][A-Za-z0-9\-_+]{0,49}$/.test(name)) {
    return plain(400, `Invalid URL: Invalid cache name "${name}"`);
  }
  const asked = { state, request, name, allowed: allowed(state, request, name) };
  if (config) return (configRoutes[request.method] ?? (() => plain(405)))(asked);
  if (!reads(request)) return plain(405);
  if (file?.[2] === undefined && file?.[3] === "nix-cache-info") return nixCacheInfo(asked);
  if (file?.[2] === undefined && file?.[3] === "attic-cache-info") return show(asked);
  return object(asked, file?.[3] as string, file?.[2] ? "nar" : "narinfo");
}

const reads = ({ method }: SeenRequest) => method === "GET" || method === "HEAD";

interface Asked {
  state: State;
  request: SeenRequest;
  name: string;
  /** By the token alone. */
  allowed: Set<Letter>;
}

function allowed({ options }: State, { headers }: SeenRequest, name: string): Set<Letter> {
  const access = accessOf(headers.authorization, options, options.now?.() ?? new Date());
  return permissionsFor(access, name);
}

const denied = (permissions: ReadonlySet<Letter>) =>
  failure(permissions.size > 0 ? "AccessError" : "Unauthorized");

/** The cache, when it is there and the request may do that to it. Who may do nothing is not told whether it is. */
function authorised({ state, name, allowed }: Asked, needed: Letter): StubCache | Answer {
  if (!state.database.up) return failure("InternalServerError");
  const cache = state.caches.get(name);
  if (!cache || cache.deleted) return failure(allowed.size > 0 ? "NoSuchCache" : "Unauthorized");
  const permissions = cache.is_public ? new Set([...allowed, "r" as const]) : allowed;
  return permissions.has(needed) ? cache : denied(permissions);
}

const isAnswer = (found: StubCache | Answer): found is Answer => "status" in found;

const configRoutes: Record<string, (asked: Asked) => Answer> = {
  GET: show,
  HEAD: show,
  POST: create,
  PATCH: configure,
  DELETE: destroy,
};

function show(asked: Asked): Answer {
  const cache = authorised(asked, "r");
  if (isAnswer(cache)) return cache;
  const { options } = asked.state;
  const api = options.apiEndpoint ?? `http://${asked.request.headers.host}/`;
  const [keyName = "", key = ""] = cache.keypair.split(":");
  const shown = {
    substituter_endpoint: `${options.substituterEndpoint ?? api}${asked.name}`,
    api_endpoint: api,
    public_key: `${keyName}:${Buffer.from(key, "base64").subarray(32).toString("base64")}`,
    is_public: cache.is_public,
    store_dir: cache.store_dir,
    priority: cache.priority,
    upstream_cache_key_names: cache.upstream_cache_key_names,
    retention_period: cache.retention_period === null ? "Global" : { Period: cache.retention_period },
  };
  return { status: 200, headers: json, text: JSON.stringify(shown) };
}

function create({ state, request, name, allowed }: Asked): Answer {
  const body = bodyOf(request, newCache);
  if (isRejection(body)) return body.rejection;
  if (!allowed.has("cc")) return denied(allowed);
  if (!state.database.up) return failure("InternalServerError");
  // A cache that is only marked as deleted keeps its name.
  if (state.caches.has(name)) return failure("CacheAlreadyExists");
  state.caches.set(name, { ...body, keypair: keyPairOf(name, body.keypair), retention_period: null });
  return plain(200);
}

function configure(asked: Asked): Answer {
  const body = bodyOf(asked.request, cachePatch);
  if (isRejection(body)) return body.rejection;
  const cache = authorised(asked, "cr");
  if (isAnswer(cache)) return cache;
  const { keypair, retention_period: retention, ...rest } = body;
  if (retention !== undefined && !asked.allowed.has("cq")) return denied(asked.allowed);
  if (typeof retention === "object" && retention.Period >= 2 ** 31) {
    return failure("RequestError", "Invalid retention period");
  }
  if (Object.keys(body).length === 0) return failure("RequestError", "No modifiable fields were set.");
  Object.assign(cache, rest);
  if (keypair) cache.keypair = keyPairOf(asked.name, keypair);
  if (retention !== undefined) cache.retention_period = retention === "Global" ? null : retention.Period;
  return plain(200);
}

function destroy(asked: Asked): Answer {
  const cache = authorised(asked, "cd");
  if (isAnswer(cache)) return cache;
  if (asked.state.options.softDelete) cache.deleted = true;
  else asked.state.caches.delete(asked.name);
  return plain(200);
}

function nixCacheInfo(asked: Asked): Answer {
  const cache = authorised(asked, "r");
  if (isAnswer(cache)) return cache;
  const visibility: Record<string, string> = cache.is_public ? { "x-attic-cache-visibility": "public" } : {};
  return {
    status: 200,
    headers: { "content-type": "text/x-nix-cache-info", ...visibility },
    text: `WantMassQuery: 1\nStoreDir: ${cache.store_dir}\nPriority: ${cache.priority}\n`,
  };
}

/** Looked for before anybody is asked for a token. The stub has none. */
function object({ state }: Asked, file: string, extension: string): Answer {
  const [hash = "", ...rest] = file.split(".");
  if (rest.join(".") !== extension) return failure("NotFound");
  if (!/^[0123456789abcdfghijklmnpqrsvwxyz]{32}$/.test(hash)) return failure("InvalidStorePathHash");
  return failure(state.database.up ? "NoSuchObject" : "InternalServerError");
}
