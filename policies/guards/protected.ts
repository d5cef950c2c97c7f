import { nameOf, namespaceOf } from "../framework/kubernetes.ts";
import { type StackProblem, stackPolicy } from "../framework/policy.ts";
import { ofKind, type Subject } from "../framework/subject.ts";
import { irreplaceable } from "./kinds.ts";

/** With protection, the only way to lose them by an update is to say so first. */
export const irreplaceableProtected = stackPolicy({
  name: "irreplaceable-protected",
  description: "Pulumi refuses to delete databases, their namespace, buckets and keys.",
  level: "mandatory",
  *check(stack) {
    const databases = ofKind(stack, "postgresql.cnpg.io/Cluster").map(namespaceOf);
    const namespaces = ofKind(stack, "core/Namespace").filter((each) => databases.includes(nameOf(each)));
    for (const resource of ofKind(stack, ...Object.keys(irreplaceable))) {
      yield* unprotected(resource, irreplaceable[resource.kind] as string);
    }
    for (const resource of namespaces) yield* unprotected(resource, "the database, which lies in it");
  },
});

function* unprotected(resource: Subject, lost: string): Generator<StackProblem> {
  if (resource.protect) return;
  yield {
    resource,
    field: "options.protect",
    found: false,
    problem: `a mistake in an update loses ${lost}`,
    fix: "Set attic:deletionProtection: true.",
  };
}
