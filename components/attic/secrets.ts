import type { StackConfig } from "../../config/index.ts";

/** Keys of the Secret `attic-secrets`: the names of the variables that they become. */
export const secretKeys = {
  publicKey: "ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64",
  databasePassword: "PGPASSWORD",
  accessKeyId: "AWS_ACCESS_KEY_ID",
  secretAccessKey: "AWS_SECRET_ACCESS_KEY",
} as const;

/** The object store's access keys; undefined where pods assume a role instead. */
export function accessKeys({ objectStore }: StackConfig) {
  return objectStore.provider === "s3" ? objectStore.s3.credentials : undefined;
}

/**
 * The values of the Secret `attic-secrets`: what the processes need and no other Secret has.
 * @param publicKey the signing key's public half, as the server takes it
 */
export function secretValues<Text>(config: StackConfig, publicKey: Text): Record<string, Text | string> {
  const password = config.database.external?.password;
  const keys = accessKeys(config);
  return {
    [secretKeys.publicKey]: publicKey,
    ...(password !== undefined && { [secretKeys.databasePassword]: password }),
    ...(keys && {
      [secretKeys.accessKeyId]: keys.accessKeyId,
      [secretKeys.secretAccessKey]: keys.secretAccessKey,
    }),
  };
}
