import { nameOf, namespaceOf } from "../framework/kubernetes.ts";
import { each, type StackProblem, stackPolicy } from "../framework/policy.ts";
import { ofKind, type Stack, type Subject } from "../framework/subject.ts";
import { type Statement, statements, unreadable } from "./documents.ts";

const ACTION = "sts:AssumeRoleWithWebIdentity";

/** A role trusts whom its policy names. With a wildcard in the subject, that is any pod that calls itself so. */
export const roleTrust = stackPolicy({
  name: "role-trust",
  description:
    "Roles are assumed by ServiceAccounts that the stack makes, named exactly, and by nobody else.",
  level: "mandatory",
  *check(stack) {
    const accounts = serviceAccounts(stack);
    yield* each<Subject, StackProblem>(ofKind(stack, "aws:iam/role:Role"), function* (resource) {
      const all = statements(resource.properties.assumeRolePolicy);
      if (!all) yield { resource, ...unreadable("assumeRolePolicy") };
      yield* each(all, function* (statement, index) {
        if (!statement.allows) return;
        yield* judge(resource, statement, `assumeRolePolicy.Statement[${index}]`, accounts);
      });
    });
  },
});

function* judge(
  resource: Subject,
  { principals, actions, conditions, negated }: Statement,
  at: string,
  accounts: ReadonlySet<string>,
): Generator<StackProblem> {
  const federated = principals.length > 0 && principals.every(([kind]) => kind === "Federated");
  if (!federated || negated.length > 0 || actions.join() !== ACTION) {
    yield {
      resource,
      field: `${at}.Principal`,
      found: principals.map((each) => each.join(": ")),
      problem: "somebody else than the cluster's pods may assume the role",
      fix: `Allow ${ACTION} to the cluster's OIDC provider alone.`,
    };
    return;
  }
  const { StringEquals: exact = {}, ...loose } = conditions;
  const key = (end: string) => Object.keys(exact).find((each) => each.endsWith(end));
  const [sub, aud] = [key(":sub"), key(":aud")];
  if (!sub || Object.values(loose).some((keys) => Object.keys(keys).some((each) => each.endsWith(":sub")))) {
    yield {
      resource,
      field: `${at}.Condition`,
      found: conditions,
      problem: "any pod of the cluster may assume the role, or any whose name is like what is asked for",
      fix: "Compare the token's sub with system:serviceaccount:<namespace>:<name> by StringEquals.",
    };
  }
  for (const name of sub ? (exact[sub] ?? []) : []) {
    if (accounts.has(name)) continue;
    yield {
      resource,
      field: `${at}.Condition.StringEquals.${sub}`,
      found: name,
      problem: "the stack makes no such ServiceAccount; whoever makes one has the role",
      fix: "Name the ServiceAccount of the pods that need it.",
    };
  }
  if (!aud || exact[aud]?.join() !== "sts.amazonaws.com") {
    yield {
      resource,
      field: `${at}.Condition`,
      found: aud && exact[aud],
      problem: "a token that was made for another service would do as well",
      fix: "Compare the token's aud with sts.amazonaws.com by StringEquals.",
    };
  }
}

/** The ServiceAccounts that the stack makes, and those that CloudNativePG makes for its databases. */
function serviceAccounts(stack: Stack): ReadonlySet<string> {
  const owners = ofKind(stack, "core/ServiceAccount", "postgresql.cnpg.io/Cluster");
  return new Set(owners.map((owner) => `system:serviceaccount:${namespaceOf(owner)}:${nameOf(owner)}`));
}
