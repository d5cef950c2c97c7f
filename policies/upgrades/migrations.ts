import { nameOf } from "../framework/kubernetes.ts";
import { each, type StackProblem, stackPolicy } from "../framework/policy.ts";
import type { Stack, Subject } from "../framework/subject.ts";
import { processes } from "./processes.ts";

/** Neither the API nor the collector migrates: whoever starts before the migrations fails every request. */
export const migrationsFirst = stackPolicy({
  name: "migrations-first",
  description:
    "The API and the garbage collector wait for the migrations, and each image has a Job of its own.",
  level: "mandatory",
  *check(stack) {
    const { found: all, open } = processes(stack);
    yield* open;
    const jobs = all.filter(({ mode }) => mode === "db-migrations").map(({ resource }) => resource);
    for (const { resource, field, mode } of all) {
      if (mode === "db-migrations") continue;
      if (jobs.length > 0 && jobs.every((job) => waitsFor(stack, resource, job))) continue;
      // What is not known yet may be the Job.
      if (jobs.length === 0 && open.length > 0) continue;
      yield {
        resource,
        field,
        found: mode,
        problem: jobs.length === 0 ? "nothing migrates the database" : "it does not wait for the migrations",
        fix: "Make it depend on the Job that runs --mode db-migrations.",
      };
    }
    yield* each<Subject, StackProblem>(jobs, function* (resource) {
      if (/-[0-9a-f]{6,}$/.test(nameOf(resource))) return;
      yield {
        resource,
        field: "metadata.name",
        found: nameOf(resource),
        problem: "with another image the Job would be changed in place, which Kubernetes refuses",
        fix: "End the name with a checksum of the pod template.",
      };
    });
  },
});

/** Whether a resource waits for another: itself, through what it waits for, or through what it lies in. */
function waitsFor({ resources }: Stack, from: Subject, to: Subject): boolean {
  const byUrn = new Map(resources.map((each) => [each.urn, each]));
  const seen = new Set<string>();
  const open = [from.urn];
  for (let urn = open.pop(); urn !== undefined; urn = open.pop()) {
    if (seen.has(urn)) continue;
    seen.add(urn);
    if (urn === to.urn) return true;
    const { dependencies = [], parent = "" } = byUrn.get(urn) ?? {};
    open.push(...dependencies, parent);
  }
  return false;
}
