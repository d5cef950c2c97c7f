import type { apps, batch } from "@pulumi/kubernetes/types/output.js";
import { nameOf, namespaceOf, podKinds, podOf, specOf } from "../framework/kubernetes.ts";
import { each, stackPolicy } from "../framework/policy.ts";
import { integer } from "../framework/settings.ts";
import { ofKind, type Stack, type Subject } from "../framework/subject.ts";
import { replicasOf } from "../workloads/replicas.ts";
import { CLUSTER, clusterOf } from "./cluster.ts";

/** PostgreSQL's own default. */
const MAX_CONNECTIONS = 100;

/** What exceeds it is refused, by every replica alike, at the very moment when there are most. */
export const connectionBudget = stackPolicy({
  name: "connection-budget",
  description: "All pods that the stack can have at a time fit the database's connections.",
  level: "mandatory",
  settings: {
    perProcess: integer(10, "how many connections one Attic process opens at most"),
    reserved: integer(15, "how many are left for superusers, replication and monitoring"),
  },
  *check(stack, { perProcess, reserved }) {
    yield* each(ofKind(stack, CLUSTER), function* (resource) {
      const clients = ofKind(stack, ...podKinds).filter((workload) => asks(workload, resource));
      const counts = clients.map((workload) => [nameOf(workload), podsOf(stack, workload)] as const);
      const pods = counts.reduce((sum, [, count]) => sum + count, 0);
      const wanted = pods * perProcess + reserved;
      const parameters = (clusterOf(resource).postgresql?.parameters ?? {}) as Record<string, string>;
      const found = Number(parameters.max_connections ?? MAX_CONNECTIONS);
      if (wanted <= found) return;
      yield {
        resource,
        field: "spec.postgresql.parameters.max_connections",
        found,
        problem:
          `${wanted} may be needed: ${counts.map(([name, count]) => `${name} ${count}`).join(", ")} pods ` +
          `of ${perProcess} each, and ${reserved} reserved`,
        fix: "Raise attic:database.cloudNativePg.maxConnections, leave it out, or lower api.scaling.maxReplicas.",
      };
    });
  },
});

/** Whether a workload's pods connect to a database, by the host that their environment names. */
function asks(workload: Subject, database: Subject): boolean {
  const containers = podOf(workload)?.spec.containers ?? [];
  return (
    namespaceOf(workload) === namespaceOf(database) &&
    containers.some(({ env = [] }) =>
      env.some(({ name, value }) => name === "PGHOST" && value?.startsWith(`${nameOf(database)}-`)),
    )
  );
}

/** How many pods of a workload there are at most at a time, those of a rolling update among them. */
function podsOf(stack: Stack, workload: Subject): number {
  if (workload.kind === "batch/Job") return specOf<batch.v1.JobSpec>(workload).parallelism ?? 1;
  if (workload.kind !== "apps/Deployment") return replicasOf(stack, workload).most;
  const { most } = replicasOf(stack, workload);
  const { type, rollingUpdate } = specOf<apps.v1.DeploymentSpec>(workload).strategy ?? {};
  if (type === "Recreate") return most;
  const surge = String(rollingUpdate?.maxSurge ?? "25%");
  const share = Number.parseInt(surge, 10);
  return most + (surge.endsWith("%") ? Math.ceil((most * share) / 100) : share);
}
