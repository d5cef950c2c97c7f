import type { apps } from "@pulumi/kubernetes/types/output.js";
import { specOf } from "../framework/kubernetes.ts";
import { each, type StackProblem, stackPolicy } from "../framework/policy.ts";
import { replicasOf } from "../workloads/replicas.ts";
import { MONOLITHIC, type Process, processes } from "./processes.ts";

/** Each replica in the mode that does everything would migrate, against each other, and collect garbage. */
export const oneTask = stackPolicy({
  name: "one-task",
  description:
    "Every process of the server does one thing: serve, collect garbage alone, or migrate in a Job.",
  level: "mandatory",
  *check(stack) {
    const { found: all, open } = processes(stack);
    yield* open;
    yield* each<Process, StackProblem>(all, function* ({ resource, field, mode }) {
      const at = { resource, field: `${field}.args`, found: mode };
      if (mode === MONOLITHIC) {
        yield {
          ...at,
          problem: "it migrates, serves and collects garbage in one",
          fix: "Say --mode api-server, garbage-collector or db-migrations.",
        };
      }
      if (mode === "db-migrations" && resource.kind !== "batch/Job") {
        yield {
          ...at,
          problem: "migrations run again and again, and against each other",
          fix: "Run them in a Job of their own.",
        };
      }
      if (mode === "garbage-collector" && resource.kind === "apps/Deployment") {
        const { type } = specOf<apps.v1.DeploymentSpec>(resource).strategy ?? {};
        const { most } = replicasOf(stack, resource);
        if (most > 1 || type !== "Recreate") {
          yield {
            ...at,
            field: "spec.strategy",
            found: { replicas: most, strategy: type },
            problem: "several collectors may run at a time",
            fix: "Set replicas: 1 and strategy: Recreate.",
          };
        }
      }
    });
  },
});
