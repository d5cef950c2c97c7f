import type { StackConfig } from "../../../../config/index.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { s3, stackConfig } from "../../../support/settings.ts";

type CloudNativePg = NonNullable<NonNullable<Settings["database"]>["cloudNativePg"]>;

/** Access keys of an S3-compatible store, which hold its backups too. */
export const withKeys = s3({
  endpoint: "https://s3.example.com",
  credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI" },
});

/** AWS, where pods assume roles. */
export const onAws = {
  provider: "aws" as const,
  region: "eu-central-1",
  aws: { oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/A" },
};

/** A stack with a CloudNativePG database of these settings. */
export function databaseConfig(cloudNativePg: CloudNativePg = {}, more: Partial<Settings> = {}): StackConfig {
  return stackConfig({ database: { cloudNativePg }, objectStore: withKeys, ...more }, ["objectStore"]);
}

/** A restore to a moment, out of the first archive. */
export const restore = { from: "attic-pg", serverName: "attic-pg-2", targetTime: "2026-11-20T10:30:00Z" };
