import { z } from "zod";
import { cacheName } from "../cache-names.ts";
import { mostSeconds, secondsOf } from "../humantime.ts";
import { keptFor } from "./primitives.ts";

/** One cache, as `atticctl caches sync` makes it on the running server. */
export const cache = z.strictObject({
  /**
   * Whether everybody may pull from it without a token.
   * @default false
   */
  public: z.boolean().default(false),
  /**
   * Which cache Nix asks first: the lower one. cache.nixos.org has 40.
   * @default 41
   */
  priority: z.int().min(0).max(mostSeconds).default(41),
  /**
   * How long unused objects are kept, a day at least; `forever` keeps them all. When left out, the cache follows
   * garbageCollection.defaultRetentionPeriod.
   * @example "3 months"
   */
  retention: z
    .union(
      [keptFor().refine((span) => secondsOf(span) > 0, "more than no time"), z.literal("forever")],
      // The server takes no time for ever.
      {
        error:
          'a span from a day to about 68 years, such as "90 days" or "3 months" (m means minutes), or "forever"',
      },
    )
    .optional(),
  /**
   * Names of signing keys whose paths clients do not push, as they are in an upstream cache.
   * @default ["cache.nixos.org-1"]
   */
  upstreamKeys: z.array(z.string().min(1)).default(["cache.nixos.org-1"]),
  /**
   * The Nix store that its paths belong to.
   * @default "/nix/store"
   */
  storeDir: z.string().startsWith("/", "an absolute path").default("/nix/store"),
});

/** A cache's name, to the server's rule. */
export const cacheKey = () =>
  z
    .string()
    .regex(
      cacheName,
      "a cache's name: letters, digits, - _ and +, beginning with a letter or digit, 50 characters at most",
    );
