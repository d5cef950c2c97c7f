import { stringify } from "smol-toml";
import type { StackConfig } from "../../config/index.ts";

/** Port that the server listens on, in plain HTTP. */
export const port = 8080;

/**
 * The server's configuration file. It holds no secret: the database's password, the signing key and access keys
 * come by environment. The server refuses unknown top-level keys, silently ignores unknown nested ones, and
 * needs all four chunking keys, so the keys here are exactly those that it reads.
 */
export function serverToml({ server, garbageCollection, objectStore, database }: StackConfig): string {
  const { chunking, compression, jwt } = server;
  return stringify(
    defined({
      listen: `${server.listenAddress}:${port}`,
      "allowed-hosts": server.allowedHosts,
      "api-endpoint": server.apiEndpoint,
      // The server's own default is the API's.
      "substituter-endpoint":
        server.substituterEndpoint === server.apiEndpoint ? undefined : server.substituterEndpoint,
      "soft-delete-caches": server.softDeleteCaches,
      "require-proof-of-possession": server.requireProofOfPossession,
      "max-nar-info-size": server.maxNarInfoSize,
      database: { heartbeat: database.heartbeat },
      storage: defined({
        type: "s3",
        region: objectStore.region,
        bucket: objectStore.bucket,
        endpoint: objectStore.provider === "s3" ? objectStore.s3.endpoint : undefined,
      }),
      chunking: {
        "nar-size-threshold": chunking.narSizeThreshold,
        "min-size": chunking.minSize,
        "avg-size": chunking.avgSize,
        "max-size": chunking.maxSize,
      },
      compression: defined({ type: compression.type, level: compression.level }),
      "garbage-collection": {
        interval: garbageCollection.interval,
        "default-retention-period": garbageCollection.defaultRetentionPeriod,
      },
      jwt: defined({
        "token-bound-issuer": jwt.issuer,
        "token-bound-audiences": jwt.audiences,
      }),
    }),
  );
}

/** A table without the keys that have no value; nothing at all where no key has one. */
function defined(table: Record<string, unknown>): Record<string, unknown> | undefined {
  const entries = Object.entries(table).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
