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
  {
    needs: ["api.scaling", "database.maxConnections"],
    at: "database.maxConnections",
    check: ({ api: { scaling }, database }) =>
      unless(
        connectionBudget(scaling.maxReplicas) <= database.maxConnections,
        `must be at least ${connectionBudget(scaling.maxReplicas)}: each of ${scaling.maxReplicas} replicas, ` +
          `${Math.ceil(scaling.maxReplicas / 4)} more in a rolling update, the garbage collector and a migration opens up to ` +
          `${connectionsPerProcess} connections, and ${reservedConnections} are kept free; or lower api.scaling.maxReplicas`,
      ),
  },
  {
    needs: ["api.resources"],
    at: "api.resources.limits.cpu",
    check: ({ api: { resources } }) =>
      unless(
        millicores(resources.requests.cpu) <= millicores(resources.limits.cpu),
        `must be at least the request, which is ${resources.requests.cpu}`,
      ),
  },
  {
    needs: ["api.resources"],
    at: "api.resources.limits.memory",
    check: ({ api: { resources } }) =>
      unless(
        bytes(resources.requests.memory) <= bytes(resources.limits.memory),
        `must be at least the request, which is ${resources.requests.memory}`,
      ),
  },
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
    needs: ["database.password", "database.passwordSecret"],
    at: "database",
    check: ({ database }) =>
      unless(
        (database.password === undefined) !== (database.passwordSecret === undefined),
        "needs exactly one of password (a secret of this stack) and passwordSecret (a Secret that exists)",
      ),
  },
  {
    needs: ["objectStore.roleArn", "objectStore.credentials"],
    at: "objectStore",
    check: ({ objectStore }) =>
      unless(
        objectStore.roleArn === undefined || objectStore.credentials === undefined,
        "takes roleArn or credentials, not both: access keys would hide the role",
      ),
  },
];
