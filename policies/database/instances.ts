import { resourcePolicy } from "../framework/policy.ts";
import { integer, list } from "../framework/settings.ts";
import { CLUSTER, clusterOf } from "./cluster.ts";

/** One replica to fail over to, and one that is left while the failed one is made again. */
export const databaseInstances = resourcePolicy({
  name: "database-instances",
  description: "The database has enough instances, and commits wait for one of the replicas.",
  level: "mandatory",
  kinds: [CLUSTER],
  settings: { least: integer(3, "the least number of instances") },
  *check(subject, { least }) {
    const { instances = 1, postgresql } = clusterOf(subject);
    if (instances < least) {
      yield {
        field: "spec.instances",
        found: instances,
        problem: `fewer than ${least}`,
        fix: `Set attic:database.cloudNativePg.instances to ${least} or more.`,
      };
    }
    if (instances > 1 && !postgresql?.synchronous?.number) {
      yield {
        field: "spec.postgresql.synchronous",
        problem: "commits wait for no replica: losing the primary loses uploads that were acknowledged",
        fix: "Set it to { method: any, number: 1 }.",
      };
    }
  },
});

/** Instances that share a node, or a zone, fail together. */
export const databaseSpread = resourcePolicy({
  name: "database-spread",
  description: "No two instances of the database share a node, or what the stack says they must not share.",
  level: "mandatory",
  kinds: [CLUSTER],
  settings: {
    over: list(
      ["topology.kubernetes.io/zone", "kubernetes.io/hostname"],
      "what instances may be kept apart over; any of these will do",
    ),
  },
  *check(subject, { over }) {
    const { instances = 1, affinity = {} } = clusterOf(subject);
    if (instances < 2) return;
    const { enablePodAntiAffinity, podAntiAffinityType, topologyKey = "kubernetes.io/hostname" } = affinity;
    if (enablePodAntiAffinity === false || podAntiAffinityType !== "required") {
      yield {
        field: "spec.affinity.podAntiAffinityType",
        found: podAntiAffinityType,
        problem: "the scheduler may put all instances on one node",
        fix: "Set enablePodAntiAffinity: true and podAntiAffinityType: required.",
      };
    }
    if (!over.includes(topologyKey)) {
      yield {
        field: "spec.affinity.topologyKey",
        found: topologyKey,
        problem: `instances are kept apart over something else than ${over.join(" or ")}`,
        fix: "Set attic:database.cloudNativePg.spreadOver.",
      };
    }
  },
});
