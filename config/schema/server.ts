import { z } from "zod";
import { dnsName, endpointUrl } from "./primitives.ts";

const chunking = z.strictObject({
  /**
   * NARs of at least this many bytes are cut into chunks; 0 never cuts, 1 always cuts. A NAR below it is one
   * chunk, and the server answers its download with a redirect to the object store, so clients must reach the
   * object store's endpoint for those.
   * @default 65536
   */
  narSizeThreshold: z.int().min(0).default(65_536),
  /**
   * Smallest chunk in bytes. Changing the three sizes later loses deduplication against what is stored.
   * @default 16384
   */
  minSize: z.int().min(1).default(16_384),
  /**
   * Average chunk in bytes.
   * @default 65536
   */
  avgSize: z.int().min(1).default(65_536),
  /**
   * Largest chunk in bytes.
   * @default 262144
   */
  maxSize: z.int().min(1).default(262_144),
});

const compression = z.strictObject({
  /**
   * How chunks are compressed in the object store.
   * @default "zstd"
   */
  type: z.enum(["none", "zstd", "brotli", "xz"]).default("zstd"),
  /**
   * Compression level: zstd 1 to 22 (the server's own default is 8), brotli 0 to 11 (5), xz 0 to 9 (2).
   * Leave it out for the server's default.
   * @example 8
   */
  level: z.int().optional(),
});

const jwt = z.strictObject({
  /**
   * The `iss` that every token must carry. Setting or changing it makes all tokens issued before void.
   * @example "https://gitlab.example.com"
   */
  issuer: z.string().min(1).optional(),
  /**
   * The `aud` values of which a token must carry one. Setting or changing it makes all tokens issued before void.
   * @example ["attic"]
   */
  audiences: z
    .array(z.string().min(1))
    .min(1, "at least one audience; an empty list refuses every token")
    .optional(),
});

/** What the Attic server itself reads: rendered as server.toml. */
export const server = z.strictObject({
  /**
   * The address that the server listens on, always on port 8080. `[::]` takes IPv4 too; choose `0.0.0.0` where
   * the nodes have IPv6 switched off.
   * @default "[::]"
   */
  listenAddress: z.enum(["[::]", "0.0.0.0"]).default("[::]"),
  /**
   * The URL that the server names in its own answers; must end in a slash.
   * @default https://<hostname>/
   * @example "https://nix-cache.example.com/"
   */
  apiEndpoint: endpointUrl().optional(),
  /**
   * The URL that Nix clients are told to download from, when it differs from the API's (a CDN, for instance).
   * @default the API endpoint
   * @example "https://cdn.example.com/"
   */
  substituterEndpoint: endpointUrl().optional(),
  /**
   * The Host headers that are answered; anything else gets 400, the kubelet's probes too, which is why the
   * probes send the first of these. Compared to the letter, port included.
   * @default [<hostname>]
   * @example ["nix-cache.example.com"]
   */
  allowedHosts: z.array(dnsName()).min(1).optional(),
  /**
   * Uploads of a NAR that is known already must prove that the uploader has it.
   * @default true
   */
  requireProofOfPossession: z.boolean().default(true),
  /**
   * Deleted caches are only marked as deleted; their names cannot be used again.
   * @default false
   */
  softDeleteCaches: z.boolean().default(false),
  /**
   * Largest narinfo in bytes that an upload may carry.
   * @default 1048576
   */
  maxNarInfoSize: z.int().min(1024).default(1_048_576),
  /**
   * The server's RUST_LOG filter. Plain `info` would log every SQL statement.
   * @default "info,sqlx=warn"
   */
  log: z.string().min(1).default("info,sqlx=warn"),
  /** How NARs are cut into chunks. */
  chunking: chunking.prefault({}),
  /** How chunks are compressed. */
  compression: compression.prefault({}),
  /** What tokens must carry beside a valid signature. */
  jwt: jwt.prefault({}),
});
