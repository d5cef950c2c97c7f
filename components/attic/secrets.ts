import type { StackConfig } from "../../config/index.ts";
import { secretKeys } from "./environment.ts";

/**
 * The values of the Secret `attic-secrets`: what the processes need and no other Secret has.
 * @param publicKey the signing key's public half, as the server takes it
 */
export function secretValues<Text>(
  { database, objectStore }: StackConfig,
  publicKey: Text,
): Record<string, Text | string> {
  return {
    [secretKeys.publicKey]: publicKey,
    ...(database.password !== undefined && { [secretKeys.databasePassword]: database.password }),
    ...(objectStore.credentials && {
      [secretKeys.accessKeyId]: objectStore.credentials.accessKeyId,
      [secretKeys.secretAccessKey]: objectStore.credentials.secretAccessKey,
    }),
  };
}
