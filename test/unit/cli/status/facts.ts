import type { Facts } from "../../../../cli/status/checks/index.ts";
import type { Snapshot } from "../../../../cli/status/snapshot.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { image, stackConfig } from "../../../support/settings.ts";

/** The time of the snapshots. */
export const now = new Date("2026-11-21T12:00:00Z");

/** So many hours before it, ISO 8601. */
export const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();

/** So many days after it, ISO 8601. */
export const ahead = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString();

/** Something that is there. */
export const there = <T>(value: T) => ({ is: "there" as const, value });

/** Settings of a stack with everything that can be checked. */
export const settings: Partial<Settings> = {
  database: {
    provider: "cloudNativePg",
    cloudNativePg: { roleArn: "arn:aws:iam::123456789012:role/attic-pg" },
  },
  caches: { main: {}, public: { public: true } },
};

const rollout = {
  kind: "Deployment" as const,
  image,
  observed: true,
  restarts: 0,
  newestPod: ago(72),
  trouble: [],
};

/** A stack of which everything is as it should be. */
export const wellSnapshot = {
  stack: "test",
  time: now.toISOString(),
  url: "https://nix-cache.example.com/",
  image,
  cluster: { context: "eks", server: "https://10.0.0.1", kubernetes: "v1.36.3" },
  embedded: false,
  namespace: "nix-cache",
  api: there({ ...rollout, name: "attic", desired: 2, updated: 2, ready: 2, total: 2 }),
  collector: there({ ...rollout, name: "attic-gc", desired: 1, updated: 1, ready: 1, total: 1 }),
  migrations: there({
    name: "attic-migrate-1",
    image,
    state: "succeeded" as const,
    finished: ago(72),
  }),
  autoscaler: there({
    min: 2,
    max: 10,
    current: 2,
    desired: 2,
    metrics: [
      { name: "cpu", current: 34, target: 70 },
      { name: "memory", current: 40, target: 80 },
    ],
  }),
  budget: there({ allowed: 1, healthy: 2, needed: 1 }),
  database: there({
    phase: "Cluster in healthy state",
    ready: true,
    instances: 3,
    readyInstances: 3,
    primary: "attic-pg-1",
    created: ago(1000),
    archiving: { ok: true, message: "Continuous archiving is working" },
    serverName: "attic-pg",
  }),
  backup: there({ lastSuccess: ago(12), recoverableSince: ago(700) }),
  certificate: there({ ready: true, notAfter: ahead(61), renewal: ahead(31) }),
  tokens: there({
    minted: [
      {
        name: "gitlab-main",
        kind: "ci",
        generation: 1,
        issue: 0,
        caches: { main: ["pull" as const, "push" as const] },
        expires: ahead(89),
        rotates: ahead(75),
        byHand: false,
        revoked: false,
        notes: [],
      },
    ],
    notMinted: [],
  }),
  routes: there({ declared: 14, missing: [] }),
  rules: there({ declared: 3, missing: [] }),
  policies: there({ declared: 7, missing: [] }),
  prometheus: there({
    from: "Service monitoring/prometheus-operated",
    firing: [],
    unloaded: [],
    replicationLag: 0,
  }),
} satisfies Snapshot;

/** What the ingress of that stack answers. */
export const wellProbes = {
  url: wellSnapshot.url,
  reading: { cache: "main", token: "gitlab-main", status: 200, storeDir: "/nix/store" },
  anonymous: { cache: "main", status: 401, code: "Unauthorized" },
  forged: { cache: "main", status: 401, code: "Unauthorized" },
  tokens: [{ cache: "main", token: "gitlab-main", status: 200, storeDir: "/nix/store" }],
};

/** The facts of a well stack, with some parts of the snapshot otherwise. */
export function facts(
  parts: Partial<Snapshot> = {},
  more: Partial<Facts> & { settings?: Partial<Settings> } = {},
): Facts {
  const { settings: other, ...rest } = more;
  return {
    config: stackConfig({ ...settings, ...other }),
    snapshot: { ...wellSnapshot, ...parts },
    now,
    minimumDays: 7,
    probes: wellProbes,
    ...rest,
  };
}
