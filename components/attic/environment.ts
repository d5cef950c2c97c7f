import type { StackConfig } from "../../config/index.ts";
import type { EnvValue, Mount } from "../kubernetes/workload.ts";
import { databaseConnection } from "./database-connection.ts";
import { names } from "./names.ts";
import { accessKeys, secretKeys } from "./secrets.ts";

// Beside /etc/attic, not below it: nothing can be mounted into a read-only volume.
const caDirectory = "/etc/attic-database";
const storeCaDirectory = "/etc/attic-object-store";

/**
 * What every Attic process needs from its environment, whatever its mode: each of them, the garbage collector
 * too, refuses to start without a database and a key.
 */
export function environment(config: StackConfig): Record<string, EnvValue> {
  const { host, port, name, user, password, sslMode, ca } = databaseConnection(config);
  const { endpoint, caSecret: storeCa } = config.objectStore.s3;
  const own = (key: string): EnvValue => ({ secret: names.secrets, key });
  return {
    // The parts come by their own variables, so that no URL holds the password: the server prints URLs that it
    // cannot parse.
    ATTIC_SERVER_DATABASE_URL: "postgresql://",
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: name,
    PGUSER: user,
    PGPASSWORD: { secret: password.name, key: password.key },
    PGSSLMODE: sslMode,
    ...(ca && { PGSSLROOTCERT: `${caDirectory}/${ca.key}` }),
    [secretKeys.publicKey]: own(secretKeys.publicKey),
    ...(accessKeys(config) && {
      AWS_ACCESS_KEY_ID: own(secretKeys.accessKeyId),
      AWS_SECRET_ACCESS_KEY: own(secretKeys.secretAccessKey),
    }),
    // S3 libraries of today send checksums that many compatible stores refuse.
    ...(endpoint && { AWS_REQUEST_CHECKSUM_CALCULATION: "when_required" }),
    // The roots for the object store alone: the database's are compiled in, with PGSSLROOTCERT beside them.
    ...(storeCa && { SSL_CERT_FILE: `${storeCaDirectory}/${storeCa.key}` }),
    RUST_LOG: config.server.log,
    // The server colours its log even when nobody looks at it on a terminal.
    NO_COLOR: "1",
  };
}

/** What every Attic process has mounted. */
export function mounts(config: StackConfig): Mount[] {
  const { ca } = databaseConnection(config);
  const { caSecret: storeCa } = config.objectStore.s3;
  return [
    { path: "/etc/attic", configMap: names.config },
    // Certificates only: an authority's Secret may hold its private key too.
    ...(ca ? [{ path: caDirectory, secret: ca.name, keys: [ca.key] }] : []),
    ...(storeCa ? [{ path: storeCaDirectory, secret: storeCa.name, keys: [storeCa.key] }] : []),
    { path: "/tmp", emptyDir: "64Mi" },
  ];
}
