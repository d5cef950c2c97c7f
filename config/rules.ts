import { bytes, millicores } from "./quantity.ts";
import type { ParsedSettings } from "./schema/index.ts";

/** Connections that one Attic process opens at most: sqlx's default, which the server cannot change. */
export const connectionsPerProcess = 10;

/** Processes beside the API that may be connected at the same time: a garbage collector and a migration. */
const otherProcesses = 2;

/** Connections kept free for the database's own superuser, replication and monitoring. */
const reservedConnections = 15;

/**
 * How many connections the stack needs at its largest: the autoscaler's maximum plus the pods that a rolling
 * update adds (a quarter, rounded up), the garbage collector, a migration, and what the database keeps for itself.
 */
export function connectionBudget(maxReplicas: number): number {
  const surge = Math.ceil(maxReplicas / 4);
  return (maxReplicas + surge + otherProcesses) * connectionsPerProcess + reservedConnections;
}

/** A rule over several keys. It is asked only when the keys that it needs were valid by themselves. */
export interface Rule {
  /** Paths of the keys that it reads, without the `attic:` in front. */
  needs: string[];
  /** The key that the mistake is reported at. */
  at: string;
  /** What is wrong and what would be right; undefined when all is well. */
  check(settings: ParsedSettings): string | undefined;
}

const unless = (right: boolean, message: string) => (right ? undefined : message);

const levels: Record<string, [number, number]> = { none: [0, 0], zstd: [1, 22], brotli: [0, 11], xz: [0, 9] };

/** Every rule that one key alone cannot tell. */
export const rules: Rule[] = [
  {
    needs: ["api.scaling"],
    at: "api.scaling.maxReplicas",
    check: ({ api: { scaling } }) =>
      unless(
        scaling.minReplicas <= scaling.maxReplicas,
        `must be at least minReplicas, which is ${scaling.minReplicas}`,
      ),
  },
  ...(["external", "cloudNativePg"] as const).map(
    (section): Rule => ({
      needs: ["api.scaling", "database.provider", `database.${section}`],
      at: `database.${section}.maxConnections`,
      check: ({ api: { scaling }, database }) =>
        unless(
          database.provider !== section ||
            connectionBudget(scaling.maxReplicas) <=
              (database[section]?.maxConnections ?? Number.POSITIVE_INFINITY),
          `must be at least ${connectionBudget(scaling.maxReplicas)}: each of ${scaling.maxReplicas} replicas, ` +
            `${Math.ceil(scaling.maxReplicas / 4)} more in a rolling update, the garbage collector and a migration opens up to ` +
            `${connectionsPerProcess} connections, and ${reservedConnections} are kept free; or lower api.scaling.maxReplicas`,
        ),
    }),
  ),
  ...(["api", "garbageCollection", "database.cloudNativePg"] as const).flatMap((section): Rule[] => [
    {
      needs: [`${section}.resources`],
      at: `${section}.resources.limits.cpu`,
      check: (all) => {
        const { requests, limits } = resourcesOf(all, section);
        return unless(
          millicores(requests.cpu) <= millicores(limits.cpu),
          `must be at least the request, which is ${requests.cpu}`,
        );
      },
    },
    {
      needs: [`${section}.resources`],
      at: `${section}.resources.limits.memory`,
      check: (all) => {
        const { requests, limits } = resourcesOf(all, section);
        return unless(
          bytes(requests.memory) <= bytes(limits.memory),
          `must be at least the request, which is ${requests.memory}`,
        );
      },
    },
  ]),
  {
    needs: ["api.preStopSeconds", "api.terminationGracePeriodSeconds"],
    at: "api.terminationGracePeriodSeconds",
    check: ({ api }) =>
      unless(
        api.terminationGracePeriodSeconds >= api.preStopSeconds + 10,
        `must leave at least 10 s after preStopSeconds, which is ${api.preStopSeconds}: the pause counts against it`,
      ),
  },
  {
    needs: ["server.chunking"],
    at: "server.chunking",
    check: ({ server: { chunking } }) =>
      unless(
        chunking.minSize <= chunking.avgSize && chunking.avgSize <= chunking.maxSize,
        `needs minSize ≤ avgSize ≤ maxSize; they are ${chunking.minSize}, ${chunking.avgSize} and ${chunking.maxSize}`,
      ),
  },
  {
    needs: ["server.compression"],
    at: "server.compression.level",
    check: ({ server: { compression } }) => {
      const [least, most] = levels[compression.type] as [number, number];
      const level = compression.level;
      return unless(
        level === undefined || (compression.type !== "none" && level >= least && level <= most),
        compression.type === "none"
          ? "must be left out with type none"
          : `must be ${least} to ${most} for ${compression.type}`,
      );
    },
  },
  {
    needs: ["hostname", "server.allowedHosts"],
    at: "server.allowedHosts",
    check: ({ hostname, server }) =>
      unless(
        server.allowedHosts?.includes(hostname) ?? true,
        `must contain attic:hostname, ${hostname}, or the server answers every client with 400`,
      ),
  },
  {
    needs: ["hostname", "server.apiEndpoint", "server.allowedHosts"],
    at: "server.apiEndpoint",
    check: ({ hostname, server }) => {
      const hosts = server.allowedHosts ?? [hostname];
      return unless(
        server.apiEndpoint === undefined || hosts.includes(new URL(server.apiEndpoint).host),
        `must name a host of server.allowedHosts (${hosts.join(", ")}), or the server refuses what it advertises`,
      );
    },
  },
  {
    needs: ["database.provider"],
    at: "database.external",
    check: ({ database }) =>
      unless(
        (database.provider === "external") === (database.external !== undefined),
        database.provider === "external"
          ? "is required with provider external: at least a host, and password or passwordSecret"
          : "goes with provider external; this stack's provider is cloudNativePg",
      ),
  },
  {
    needs: ["database.external"],
    at: "database.external",
    check: ({ database: { external } }) =>
      unless(
        !external || (external.password === undefined) !== (external.passwordSecret === undefined),
        "needs exactly one of password (a secret of this stack) and passwordSecret (a Secret that exists)",
      ),
  },
  {
    needs: ["database.cloudNativePg.backup.bucket", "objectStore.bucket"],
    at: "database.cloudNativePg.backup.bucket",
    check: ({ database, objectStore }) =>
      unless(
        database.cloudNativePg.backup.bucket !== objectStore.bucket,
        "must not be the bucket of the NARs: one mistake there would take both",
      ),
  },
  {
    needs: ["database.cloudNativePg"],
    at: "database.cloudNativePg.restore",
    check: ({ database: { cloudNativePg } }) => {
      const { restore, backup } = cloudNativePg;
      if (!restore) return undefined;
      if (!backup.enabled) return "needs backup.enabled: the backups are what it starts from";
      if (restore.from === restore.serverName) {
        return "needs a serverName other than from: a restored database must not write into the archive it came from";
      }
      return unless(
        restore.targetTime === undefined || restore.targetName === undefined,
        "takes targetTime or targetName, not both",
      );
    },
  },
  {
    needs: ["objectStore.provider", "objectStore.aws"],
    at: "objectStore.aws",
    check: ({ objectStore }) =>
      unless(
        (objectStore.provider === "aws") === (objectStore.aws !== undefined),
        objectStore.provider === "aws"
          ? "is required with provider aws: at least oidcProviderArn"
          : "goes with provider aws; this stack's provider is s3",
      ),
  },
  {
    needs: ["objectStore.region", "objectStore.aws"],
    at: "objectStore.aws.kmsKeyArn",
    check: ({ objectStore: { region, aws } }) => {
      const keyRegion = aws?.kmsKeyArn?.split(":")[3] ?? region;
      return unless(
        keyRegion === region,
        `must be a key in the buckets' region, ${region}: S3 uses no other, and says so at the first upload only`,
      );
    },
  },
  {
    needs: ["objectStore.provider", "objectStore.s3"],
    at: "objectStore.s3",
    check: ({ objectStore: { provider, s3 } }) =>
      unless(
        provider === "s3" || !(s3.endpoint || s3.createBuckets || s3.roleArn || s3.credentials),
        "goes with provider s3; this stack's provider is aws",
      ),
  },
  {
    needs: ["objectStore.s3"],
    at: "objectStore.s3.createBuckets",
    check: ({ objectStore: { s3 } }) =>
      unless(
        !s3.createBuckets || s3.endpoint !== undefined,
        "needs an endpoint to make them at; buckets on AWS are made with provider aws",
      ),
  },
  {
    needs: ["objectStore.provider", "database.cloudNativePg.roleArn"],
    at: "database.cloudNativePg.roleArn",
    check: ({ objectStore, database }) =>
      unless(
        objectStore.provider === "s3" || database.cloudNativePg.roleArn === undefined,
        "goes with objectStore.provider s3; with aws, the stack makes the role itself",
      ),
  },
  {
    needs: ["objectStore.s3"],
    at: "objectStore.s3",
    check: ({ objectStore: { s3 } }) =>
      unless(
        s3.roleArn === undefined || s3.credentials === undefined,
        "takes roleArn or credentials, not both: access keys would hide the role",
      ),
  },
  {
    needs: ["ingress.trustedProxyDepth", "ingress.trustedProxies"],
    at: "ingress.trustedProxies",
    check: ({ ingress }) =>
      unless(
        ingress.trustedProxyDepth === 0 || ingress.trustedProxies.length > 0,
        "needs the proxies' address ranges with trustedProxyDepth above 0, or anybody could claim any address",
      ),
  },
  {
    needs: ["ingress", "operators.traefik"],
    at: "ingress",
    check: ({ ingress, operators }) =>
      unless(
        !operators.traefik.install ||
          (ingress.secureEntryPoint === "websecure" && ingress.plainEntryPoint === "web"),
        "must keep the entry points websecure and web with operators.traefik.install: its chart has no others",
      ),
  },
  {
    needs: ["objectStore", "database.provider", "database.cloudNativePg"],
    at: "database.cloudNativePg.backup",
    check: ({ objectStore, database: { provider, cloudNativePg } }) =>
      unless(
        provider === "external" ||
          !cloudNativePg.backup.enabled ||
          objectStore.provider === "aws" ||
          objectStore.s3.credentials !== undefined ||
          cloudNativePg.roleArn !== undefined,
        "has no way into its bucket: give objectStore.s3.credentials or database.cloudNativePg.roleArn, or set enabled: false",
      ),
  },
];

function resourcesOf(
  settings: ParsedSettings,
  section: "api" | "garbageCollection" | "database.cloudNativePg",
) {
  return section === "database.cloudNativePg"
    ? settings.database.cloudNativePg.resources
    : settings[section].resources;
}
