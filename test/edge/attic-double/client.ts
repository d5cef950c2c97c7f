import { createHash, sign } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import { newHash, pathInfo } from "../../support/nix-path.ts";
import { type Server, signingKey } from "./server.ts";
import { unzstd } from "./zstd.ts";

/** A request of the specification. */
export interface Ask {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  /** Sent as it is; an object as JSON. */
  body?: Buffer | string | object;
  token?: string;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it.
  json: any;
}

/** Sends a request on a connection of its own. */
export function ask({ port }: Pick<Server, "port">, asked: Ask): Promise<Answer> {
  const { method = "GET", path, headers = {}, token } = asked;
  const isJson = asked.body !== undefined && typeof asked.body === "object" && !Buffer.isBuffer(asked.body);
  const body = isJson ? JSON.stringify(asked.body) : (asked.body as Buffer | string | undefined);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        method,
        path,
        agent: false,
        headers: {
          ...(isJson && { "content-type": "application/json" }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
          ...headers,
        },
      },
      async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString("utf8");
          const isObject = response.headers["content-type"] === "application/json";
          const json = isObject ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text, json });
        } catch (error) {
          reject(error);
        }
      },
    );
    sent.on("error", reject).end(body);
  });
}

export const claimName = "https://jwt.attic.rs/v1";
type Grants = Record<string, Record<string, unknown>>;

/** A token that grants so; claims that are undefined are left out, and no library looks what they are. */
export function tokenFor(caches: Grants, claims: object = {}, header: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const payload = { sub: "somebody", [claimName]: { caches }, ...claims };
  const text = `${part({ alg: "RS256", typ: "JWT", ...header })}.${part(payload)}`;
  return `${text}.${sign("RSA-SHA256", Buffer.from(text), signingKey.privateKeyPem).toString("base64url")}`;
}

const every = { r: 1, w: 1, d: 1, cc: 1, cr: 1, cq: 1, cd: 1 };
/** May do everything everywhere. */
export const root = tokenFor({ "*": every });

/** What makes a cache, with changes. */
export const newCache = (changes: object = {}) => ({
  keypair: "Generate",
  is_public: false,
  store_dir: "/nix/store",
  priority: 41,
  upstream_cache_key_names: ["cache.nixos.org-1"],
  ...changes,
});

/** Makes a cache. */
export async function makeCache(server: Server, name: string, changes: object = {}): Promise<void> {
  const path = `/_api/v1/cache-config/${name}`;
  const { status, text } = await ask(server, { method: "POST", path, token: root, body: newCache(changes) });
  if (status !== 200) throw new Error(`no cache ${name}: ${status} ${text}`);
}

/** A store path to be uploaded. */
export interface Path {
  hash: string;
  path: string;
  nar: Buffer;
  narHash: string;
}

/** A path that no test has had, with such content. */
export function newPath(nar: Buffer): Path {
  const hash = newHash();
  const narHash = `sha256:${createHash("sha256").update(nar).digest("hex")}`;
  return { hash, path: `/nix/store/${hash}-thing`, nar, narHash };
}

/** What a client says of a path, with changes. */
export const infoOf = (cache: string, { hash, nar, narHash }: Path, changes: object = {}) => ({
  ...pathInfo(cache, hash, "thing", narHash.slice("sha256:".length), nar.length),
  ...changes,
});

/** Uploads a path, with what is said of it in the header or at the beginning of the body. */
export function upload(
  server: Server,
  info: object,
  nar: Buffer,
  how: { inBody?: boolean; token?: string } = {},
) {
  const text = Buffer.from(JSON.stringify(info));
  return ask(server, {
    method: "PUT",
    path: "/_api/v1/upload-path",
    token: how.token ?? root,
    headers: how.inBody
      ? { "x-attic-nar-info-preamble-size": String(text.length) }
      : { "x-attic-nar-info": text.toString() },
    body: how.inBody ? Buffer.concat([text, nar]) : nar,
  });
}

/** Downloads a NAR and unpacks it. */
export async function download(server: Server, cache: string, { hash }: Path): Promise<Buffer> {
  const { status, bytes, text } = await ask(server, { path: `/${cache}/nar/${hash}.nar`, token: root });
  if (status !== 200) throw new Error(`${status} ${text}`);
  return unzstd(bytes);
}

/** The files of chunks in a folder, which the server makes with the first. */
export const chunkFiles = (store: string): string[] =>
  (existsSync(store) ? readdirSync(store, { recursive: true, encoding: "utf8" }) : [])
    .filter((name) => name.endsWith(".chunk"))
    .map((name) => join(store, name));
