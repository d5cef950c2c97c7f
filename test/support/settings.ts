import { loadStackConfig, type RawConfig } from "../../config/load.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Settings } from "../../config/schema/index.ts";

/** The commit that the examples are pinned to. */
export const image = "ghcr.io/zhaofengli/attic:b7c905657cb81b8ec9c26b0d9f53aa2e4f231810";

/** What every stack tells the Kubernetes provider. */
export const providerSettings = {
  "kubernetes:enableConfigMapMutable": true,
  "kubernetes:enableSecretMutable": true,
};

/** The least that a stack must say. */
export const least = {
  hostname: "nix-cache.example.com",
  image,
  database: {
    provider: "external",
    external: { host: "db.example.com", passwordSecret: { name: "database", key: "password" } },
  },
  objectStore: { provider: "s3", region: "eu-central-1" },
} satisfies Settings;

/** An external database with its password among the stack's secrets, and these settings. */
export const externalDatabase = (
  external: Partial<NonNullable<NonNullable<Settings["database"]>["external"]>> = {},
) => ({
  provider: "external" as const,
  external: { host: "db.example.com", ...external },
});

/** An S3-compatible object store with these settings. */
export const s3 = (settings: NonNullable<NonNullable<Settings["objectStore"]>["s3"]>) => ({
  provider: "s3" as const,
  region: "eu-central-1",
  s3: settings,
});

/** Settings as Pulumi hands them over; `secretKeys` without the `attic:` in front. */
export function raw(settings: Record<string, unknown>, secretKeys: string[] = []): RawConfig {
  const values = Object.entries(settings).map(([key, value]) => [
    `attic:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const provider = Object.entries(providerSettings).map(([key, value]) => [key, String(value)]);
  return {
    values: Object.fromEntries([...provider, ...values]),
    secretKeys: secretKeys.map((key) => `attic:${key}`),
  };
}

/** The configuration of a stack with the least settings and these. */
export function stackConfig(settings: Partial<Settings> = {}, secretKeys: string[] = []): StackConfig {
  return loadStackConfig(raw({ ...least, ...settings }, secretKeys), "Pulumi.test.yaml");
}
