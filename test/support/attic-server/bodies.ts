import { generateKeyPairSync } from "node:crypto";
import { z } from "zod";
import { type Answer, plain, type SeenRequest } from "./exchange.ts";

const int32 = z.int32();
const keyPair = z.union([
  z.literal("Generate"),
  z.strictObject({
    Keypair: z.string().refine((text) => /^[^:]+:/.test(text) && bytesOf(text).length === 64),
  }),
]);
const bytesOf = (text: string) => Buffer.from(text.slice(text.indexOf(":") + 1), "base64");

/** What makes a cache. */
export const newCache = z.object({
  keypair: keyPair,
  is_public: z.boolean(),
  store_dir: z.string(),
  priority: int32,
  upstream_cache_key_names: z.array(z.string()),
});
const retentionPeriod = z.union([z.literal("Global"), z.strictObject({ Period: z.uint32() })]);
/** What configures one; null is as if it were left out. */
export const cachePatch = z.preprocess(
  withoutNulls,
  newCache.extend({ retention_period: retentionPeriod }).partial(),
);

function withoutNulls(body: unknown): unknown {
  return typeof body === "object" && body !== null && !Array.isArray(body)
    ? Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
    : body;
}

interface Rejection {
  rejection: Answer;
}

export const isRejection = (body: object): body is Rejection => "rejection" in body;

/** The body, or what the server's framework answers to one that it cannot read. */
export function bodyOf<T extends z.ZodType<object>>(
  { headers, body }: SeenRequest,
  type: T,
): z.infer<T> | Rejection {
  if (!/^application\/json(;|$)/.test(headers["content-type"] ?? "")) {
    return { rejection: plain(415, "Expected request with `Content-Type: application/json`") };
  }
  let found: unknown;
  try {
    found = JSON.parse(body);
  } catch (error) {
    const { message } = error as Error;
    return { rejection: plain(400, `Failed to parse the request body as JSON: ${message}`) };
  }
  const read = type.safeParse(found);
  if (read.success) return read.data;
  const at = read.error.issues[0]?.path.join(".") ?? "";
  return {
    rejection: plain(422, `Failed to deserialize the JSON body into the target type: ${at}: not of its type`),
  };
}

/** The key pair that a body asks for. */
export const keyPairOf = (name: string, given: z.infer<typeof keyPair>): string =>
  given === "Generate" ? generated(name) : given.Keypair;

function generated(name: string): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  const bytes = Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]);
  return `${name}:${bytes.toString("base64")}`;
}
