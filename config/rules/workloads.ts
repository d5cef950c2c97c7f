import { bytes, millicores } from "../quantity.ts";
import type { ParsedSettings } from "../schema/index.ts";
import { connectionBudget, connectionsPerProcess, reservedConnections } from "./connections.ts";
import { type Rule, unless } from "./rule.ts";

/** Rules over replicas, resources and how pods end. */
export const workloads: Rule[] = [
  {
    needs: ["api.scaling"],
    at: "api.scaling.maxReplicas",
    says: "is at least `minReplicas`",
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
      says:
        "holds what the stack opens at its largest: 10 for each of `api.scaling.maxReplicas`, a quarter more in a " +
        "rolling update, the garbage collector and a migration, and 15 kept free",
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
      says: "is at least the request",
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
      says: "is at least the request",
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
    needs: ["database.cloudNativePg.resources"],
    at: "database.cloudNativePg.resources.requests.memory",
    says: "is at least a quarter of the limit, which is PostgreSQL's cache: the operator refuses a smaller one",
    check: ({ database }) => {
      const { requests, limits } = database.cloudNativePg.resources;
      const cache = bytes(limits.memory) / 4;
      return unless(
        bytes(requests.memory) >= cache,
        `must be at least ${Math.ceil(cache / 2 ** 20)}Mi, a quarter of limits.memory, and is ${requests.memory}: that ` +
          "quarter is PostgreSQL's cache, and the operator refuses a request below it",
      );
    },
  },
  {
    needs: ["api.preStopSeconds", "api.terminationGracePeriodSeconds"],
    at: "api.terminationGracePeriodSeconds",
    says: "is at least 10 s more than `api.preStopSeconds`",
    check: ({ api }) =>
      unless(
        api.terminationGracePeriodSeconds >= api.preStopSeconds + 10,
        `must leave at least 10 s after preStopSeconds, which is ${api.preStopSeconds}: the pause counts against it`,
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
