import type { StackConfig } from "../../../../../config/index.ts";
import type { Settings } from "../../../../../config/schema/index.ts";
import { stackConfig } from "../../../../support/settings.ts";

const token = { caches: { main: ["pull" as const] } };

/** A stack with all that has a dashboard. */
export const everything = {
  database: { provider: "cloudNativePg" },
  objectStore: {
    provider: "aws",
    region: "eu-central-1",
    aws: { oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example.com" },
  },
  tokens: { ci: { images: token }, root: { operations: token } },
} satisfies Partial<Settings>;

/** Stacks that differ in what there is to be shown, by what is special about them. */
export const stacks: Record<string, StackConfig> = {
  "with everything": stackConfig(everything),
  "with another namespace": stackConfig({
    ...everything,
    namespace: "cache-of-a-team-with-a-rather-long-name",
  }),
  "that collects garbage by a CronJob": stackConfig({
    ...everything,
    garbageCollection: { runAs: "cronJob" },
  }),
  "with one database instance": stackConfig({
    ...everything,
    database: { provider: "cloudNativePg", cloudNativePg: { instances: 1 } },
  }),
  "without backups": stackConfig({
    ...everything,
    database: { provider: "cloudNativePg", cloudNativePg: { backup: { enabled: false } } },
  }),
  "with a database elsewhere": stackConfig(),
  "without an ingress": stackConfig({ ...everything, ingress: { enabled: false } }),
  "without rules": stackConfig({ ...everything, observability: { rules: { enabled: false } } }),
};
