import { eachContainer, serverKinds } from "../framework/kubernetes.ts";
import { resourcePolicy } from "../framework/policy.ts";

const PROBES = {
  startupProbe: "a slow start is taken for a hanging process",
  readinessProbe: "requests are sent to a pod that cannot answer yet",
  livenessProbe: "a process that hangs is never restarted",
} as const;

/** Whoever listens on a port must be asked whether it answers. */
export const serverProbes = resourcePolicy({
  name: "server-probes",
  description: "Every container that listens has startup, readiness and liveness probes.",
  level: "mandatory",
  kinds: serverKinds,
  *check(subject) {
    yield* eachContainer(subject, function* (container, field) {
      // One that runs before the others is done before anybody could ask it.
      if (field.includes("initContainers") || !container.ports?.length) return;
      for (const [probe, problem] of Object.entries(PROBES)) {
        if (container[probe as keyof typeof PROBES]) continue;
        yield {
          field: `${field}.${probe}`,
          problem,
          fix: "Ask something that answers without the database, or every pod restarts while it is away.",
        };
      }
    });
  },
});
