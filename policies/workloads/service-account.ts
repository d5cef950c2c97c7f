import { nameOf, namespaceOf, podKinds, podOf } from "../framework/kubernetes.ts";
import { each, stackPolicy } from "../framework/policy.ts";
import { ofKind, title } from "../framework/subject.ts";

/** A workload with an account of its own has the rights that it needs, and what is done with them can be told. */
export const ownServiceAccount = stackPolicy({
  name: "own-service-account",
  description: "Every workload has a ServiceAccount of its own, made by the stack.",
  level: "mandatory",
  *check(stack) {
    const users = new Map<string, string>();
    yield* each(ofKind(stack, ...podKinds), function* (resource) {
      const pod = podOf(resource);
      const name = pod?.spec.serviceAccountName;
      const field = `${pod?.path}.serviceAccountName`;
      if (name === undefined || name === "default") {
        yield {
          resource,
          field,
          found: name,
          problem: "the workload uses the account that every other pod of the namespace has",
          fix: "Give it a ServiceAccount of its own.",
        };
        return;
      }
      const account = `${namespaceOf(resource)}/${name}`;
      const other = users.get(account);
      if (other !== undefined) {
        yield {
          resource,
          field,
          found: name,
          problem: `${other} uses the same account`,
          fix: "Give each a ServiceAccount of its own.",
        };
      }
      users.set(account, title(resource));
      const made = ofKind(stack, "core/ServiceAccount").some(
        (each) => `${namespaceOf(each)}/${nameOf(each)}` === account,
      );
      if (made) return;
      yield {
        resource,
        field,
        found: name,
        problem: "the stack makes no such ServiceAccount, and pods without it are never made",
        fix: "Make it beside the workload.",
      };
    });
  },
});
