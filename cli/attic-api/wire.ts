import { z } from "zod";

// The server's JSON, in its own words: attic/src/api/v1/cache_config.rs of the commit that the examples pin.

/** How long a cache keeps unused objects: as the server's default says, or so many seconds, 0 being for ever. */
export const retentionPeriod = z.union([z.literal("Global"), z.strictObject({ Period: z.int().min(0) })]);

/** What the server says of a cache; its key pair is never told. */
export const cacheConfig = z.object({
  /** For `substituters`. */
  substituter_endpoint: z.string(),
  /** For `trusted-public-keys`. */
  public_key: z.string(),
  is_public: z.boolean(),
  store_dir: z.string(),
  priority: z.int(),
  upstream_cache_key_names: z.array(z.string()),
  retention_period: retentionPeriod,
});

export type CacheConfig = z.infer<typeof cacheConfig>;

/** What makes a cache. The retention cannot be given with it, and is the default until it is configured. */
export interface NewCache {
  /** `name:base64`, as the stack's output `cacheKeyPairs` has it: a secret. */
  keypair: { Keypair: string };
  is_public: boolean;
  store_dir: string;
  priority: number;
  upstream_cache_key_names: readonly string[];
}

/** What configures a cache; what is left out stays as it is. */
export type CachePatch = Partial<NewCache & Pick<CacheConfig, "retention_period">>;

/** How the server tells an error. */
export const errorResponse = z.object({ code: z.int(), error: z.string(), message: z.string() });
