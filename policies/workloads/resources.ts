import { amount } from "../framework/amount.ts";
import { eachContainer, podKinds } from "../framework/kubernetes.ts";
import { resourcePolicy } from "../framework/policy.ts";
import { flag } from "../framework/settings.ts";

/** A pod without requests is scheduled anywhere and evicted first; one without a memory limit takes its node along. */
export const resourcesSet = resourcePolicy({
  name: "resources-set",
  description: "Every container requests CPU and memory and has a memory limit, none below its request.",
  level: "mandatory",
  kinds: podKinds,
  settings: { cpuLimit: flag(true, "whether a CPU limit is wanted, too") },
  *check(subject, { cpuLimit }) {
    yield* eachContainer(subject, function* ({ resources = {} }, field) {
      const { requests = {}, limits = {} } = resources as Record<
        "requests" | "limits",
        Record<string, string>
      >;
      const wanted = [
        ["requests.cpu", requests.cpu, "nothing is reserved for the container"],
        ["requests.memory", requests.memory, "nothing is reserved for the container"],
        ["limits.memory", limits.memory, "the container may use up its node's memory"],
        ...(cpuLimit ? [["limits.cpu", limits.cpu, "the container may use up its node's CPU"] as const] : []),
      ] as const;
      for (const [path, value, problem] of wanted) {
        if (value) continue;
        yield { field: `${field}.resources.${path}`, problem, fix: "Measure what it needs and set it." };
      }
      for (const resource of ["cpu", "memory"]) {
        const [request, limit] = [amount(requests[resource]), amount(limits[resource])];
        if (request === undefined || limit === undefined || request <= limit) continue;
        yield {
          field: `${field}.resources.requests.${resource}`,
          found: requests[resource],
          problem: `more than its limit of ${limits[resource]}`,
          fix: "Raise the limit or lower the request.",
        };
      }
    });
  },
});
