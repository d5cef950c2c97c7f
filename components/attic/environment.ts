import type { StackConfig } from "../../config/index.ts";
import type { EnvValue, Mount } from "../autoscaled-deployment/spec.ts";
import { names } from "./names.ts";

// Beside /etc/attic, not below it: nothing can be mounted into a read-only volume.
const caDirectory = "/etc/attic-database";

/** Keys of the Secret `attic-secrets`: the names of the variables that they become. */
export const secretKeys = {
  publicKey: "ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64",
  databasePassword: "PGPASSWORD",
  accessKeyId: "AWS_ACCESS_KEY_ID",
  secretAccessKey: "AWS_SECRET_ACCESS_KEY",
} as const;

/**
 * What every Attic process needs from its environment, whatever its mode: each of them, the garbage collector
 * too, refuses to start without a database and a key.
 */
export function environment({ database, objectStore, server }: StackConfig): Record<string, EnvValue> {
  const own = (key: string): EnvValue => ({ secret: names.secrets, key });
  return {
    // The parts come by their own variables, so that no URL holds the password: the server prints URLs that it
    // cannot parse.
    ATTIC_SERVER_DATABASE_URL: "postgresql://",
    PGHOST: database.host,
    PGPORT: String(database.port),
    PGDATABASE: database.name,
    PGUSER: database.user,
    PGPASSWORD: database.passwordSecret
      ? { secret: database.passwordSecret.name, key: database.passwordSecret.key }
      : own(secretKeys.databasePassword),
    PGSSLMODE: database.sslMode,
    ...(database.caSecret && { PGSSLROOTCERT: `${caDirectory}/${database.caSecret.key}` }),
    [secretKeys.publicKey]: own(secretKeys.publicKey),
    ...(objectStore.credentials && {
      AWS_ACCESS_KEY_ID: own(secretKeys.accessKeyId),
      AWS_SECRET_ACCESS_KEY: own(secretKeys.secretAccessKey),
    }),
    RUST_LOG: server.log,
    // The server colours its log even when nobody looks at it on a terminal.
    NO_COLOR: "1",
  };
}

/** What every Attic process has mounted. */
export function mounts({ database }: StackConfig): Mount[] {
  return [
    { path: "/etc/attic", configMap: names.config },
    // Certificate only: the Secret of a database authority may hold its private key too.
    ...(database.caSecret
      ? [{ path: caDirectory, secret: database.caSecret.name, keys: [database.caSecret.key] }]
      : []),
    { path: "/tmp", emptyDir: "64Mi" },
  ];
}
