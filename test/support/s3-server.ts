import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** Keys that the store accepts. */
export const s3Keys = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "a-secret-access-key" } as const;

/**
 * A stand-in for an S3-compatible store on loopback, with paths for buckets: it keeps objects, and checks every
 * request's signature (version 4) by its own arithmetic. Policies, versions and all else are not there.
 */
export interface S3Server {
  /** For `attic:objectStore.s3.endpoint`. */
  url: string;
  /** Objects by bucket and key. */
  buckets: Map<string, Map<string, string>>;
  /** Methods that a bucket denies, such as `DELETE nix-cache`. */
  denied: string[];
  /** What GET gives in place of what was put. */
  garbles: boolean;
  /** All requests so far, such as `PUT /nix-cache/key`. */
  seen: string[];
  close(): Promise<void>;
}

/** Starts one with empty buckets. */
export async function s3Server(buckets: string[], region = "eu-central-1"): Promise<S3Server> {
  const state: S3Server = {
    url: "",
    buckets: new Map(buckets.map((bucket) => [bucket, new Map()])),
    denied: [],
    garbles: false,
    seen: [],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = "", url = "" } = request;
    state.seen.push(`${method} ${url}`);
    const [status, text] = serve(state, request, body, region);
    response.writeHead(status, { "Content-Type": "application/xml" }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

type Answer = [status: number, text: string | undefined];

function serve(state: S3Server, request: IncomingMessage, body: Buffer, region: string): Answer {
  const { method = "", url = "" } = request;
  const wrong = mistakeIn(request, body, region);
  if (wrong) return error(wrong === "AuthorizationHeaderMalformed" ? 400 : 403, wrong);
  const [, bucket = "", key = ""] = /^\/([^/]+)\/(.+)$/.exec(decodeURIComponent(url)) ?? [];
  const objects = state.buckets.get(bucket);
  if (!objects) return error(404, "NoSuchBucket");
  if (state.denied.includes(`${method} ${bucket}`)) return error(403, "AccessDenied");
  if (method === "PUT") {
    objects.set(key, body.toString());
    return [200, undefined];
  }
  if (method === "DELETE") {
    objects.delete(key);
    return [204, undefined];
  }
  const found = objects.get(key);
  if (found === undefined) return error(404, "NoSuchKey");
  return [200, state.garbles ? "something else" : found];
}

const error = (status: number, code: string): Answer => [
  status,
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>…</Message></Error>`,
];

/** What is wrong with a request's signature, in S3's own code; undefined when it is right. */
function mistakeIn(
  { method = "", url = "", headers }: IncomingMessage,
  body: Buffer,
  region: string,
): string | undefined {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/.exec(
      headers.authorization ?? "",
    );
  if (!given) return "AccessDenied";
  const [, id, day = "", where = "", signed = "", signature = ""] = given;
  if (id !== s3Keys.accessKeyId) return "InvalidAccessKeyId";
  if (where !== region) return "AuthorizationHeaderMalformed";
  const time = String(headers["x-amz-date"]);
  if (!time.startsWith(day)) return "AccessDenied";
  const declared = String(headers["x-amz-content-sha256"]);
  const hashed = createHash("sha256").update(body).digest("hex");
  if (declared !== "UNSIGNED-PAYLOAD" && declared !== hashed) return "XAmzContentSHA256Mismatch";
  const [path = "", query = ""] = url.split("?");
  const canonical = [
    method,
    path,
    query,
    ...signed.split(";").map((name) => `${name}:${String(headers[name]).trim()}`),
    "",
    signed,
    declared,
  ].join("\n");
  const scope = `${day}/${where}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(canonical).digest("hex")].join(
    "\n",
  );
  const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
  const key = [day, where, "s3", "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${s3Keys.secretAccessKey}`,
  );
  const right = hmac(key, text);
  const same = signature.length === 64 && timingSafeEqual(right, Buffer.from(signature, "hex"));
  return same ? undefined : "SignatureDoesNotMatch";
}
