import { nameOf, namespaceOf } from "../framework/kubernetes.ts";
import { type StackProblem, stackPolicy } from "../framework/policy.ts";
import { ofKind, type Subject } from "../framework/subject.ts";
import { irreplaceable } from "./kinds.ts";

/** Pulumi's name for the key that signs the tokens. */
const signingKey = "signing-key";

/**
 * With protection, the only way to lose them by an update is to say so first: as `attic:tokens.signingKey.protected: false`
 * does.
 */
export const irreplaceableProtected = stackPolicy({
  name: "irreplaceable-protected",
  description: "Pulumi refuses to delete databases, their namespace, volumes, buckets and keys.",
  level: "mandatory",
  *check(stack) {
    const databases = ofKind(stack, "postgresql.cnpg.io/Cluster").map(namespaceOf);
    const namespaces = ofKind(stack, "core/Namespace").filter((each) => databases.includes(nameOf(each)));
    // Where the stack is protected and this key alone is not, somebody let go of it by name, to have a new one.
    const stackProtected = stack.resources.some(({ protect }) => protect);
    for (const resource of ofKind(stack, ...Object.keys(irreplaceable))) {
      if (stackProtected && resource.name === signingKey) continue;
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
