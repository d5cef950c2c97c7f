import type { StackConfig } from "../../config/index.ts";
import { names } from "./names.ts";
import { secretKeys } from "./secrets.ts";

/** A key of a Secret in the stack's namespace. */
export interface SecretRef {
  name: string;
  key: string;
}

/** How Attic's processes reach their database, wherever it comes from. */
export interface DatabaseConnection {
  host: string;
  port: number;
  name: string;
  user: string;
  password: SecretRef;
  /** `verify-ca` is not among them: the server panics on it. */
  sslMode: "verify-full" | "require" | "disable";
  /** The certificate of the authority that signed the server's; Mozilla's roots alone when undefined. */
  ca?: SecretRef;
}

/**
 * The connection to the configured database. The CloudNativePG cluster's names are its operator's: the Service
 * `-rw` follows the primary, the Secret `-app` holds the owner's password, `-ca` the authority of its certificates.
 */
export function databaseConnection({ database, namespace }: StackConfig): DatabaseConnection {
  const { name, user, external } = database;
  if (external) {
    const { host, port, sslMode, passwordSecret, caSecret } = external;
    const own = { name: names.secrets, key: secretKeys.databasePassword };
    return { host, port, name, user, sslMode, password: passwordSecret ?? own, ca: caSecret };
  }
  return {
    host: `${names.database}-rw.${namespace}.svc`,
    port: 5432,
    name,
    user,
    password: { name: `${names.database}-app`, key: "password" },
    sslMode: "verify-full",
    ca: { name: `${names.database}-ca`, key: "ca.crt" },
  };
}
