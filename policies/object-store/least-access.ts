import { each, type Problem, resourcePolicy, tell, type Undecided } from "../framework/policy.ts";
import { list } from "../framework/settings.ts";
import { type Statement, statements, unreadable } from "./documents.ts";

/** Kinds that say in a document what they allow. */
const POLICIES = [
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/policy:Policy",
  "aws:iam/userPolicy:UserPolicy",
  "aws:iam/groupPolicy:GroupPolicy",
  "aws:s3/bucketPolicy:BucketPolicy",
];

/** Kinds that allow what policies of other resources, or of AWS, say. */
const ATTACHMENTS = [
  "aws:iam/policyAttachment:PolicyAttachment",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:iam/userPolicyAttachment:UserPolicyAttachment",
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
  "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
  "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
];

/** What breaks into a pod can do what the pod's role can do, and no more. */
export const leastAccess = resourcePolicy({
  name: "least-access",
  description: "IAM policies allow single actions on single buckets and keys to nobody unknown.",
  level: "mandatory",
  kinds: [...POLICIES, ...ATTACHMENTS, "aws:iam/role:Role"],
  settings: {
    actions: list(
      [
        "s3:PutObject",
        "s3:GetObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListBucket",
        "kms:GenerateDataKey",
        "kms:Decrypt",
      ],
      "all that anything of the stack does at AWS",
    ),
  },
  *check({ kind, properties }, { actions }) {
    if (POLICIES.includes(kind)) yield* tell(() => written("policy", properties.policy, actions));
    if ("policyArn" in properties) yield* tell(() => attached("policyArn", properties.policyArn));
    for (const field of ["policyArns", "managedPolicyArns"]) {
      yield* tell(() =>
        each(properties[field] as unknown[] | undefined, (arn, index) => attached(`${field}[${index}]`, arn)),
      );
    }
    yield* tell(() =>
      each(properties.inlinePolicies as { policy?: unknown }[] | undefined, function* ({ policy }, index) {
        if (policy !== undefined) yield* written(`inlinePolicies[${index}].policy`, policy, actions);
      }),
    );
  },
});

function* attached(field: string, arn: unknown): Generator<Problem> {
  if (!/^arn:[^:]+:iam::aws:policy\//.test(String(arn))) return;
  yield {
    field,
    found: arn,
    problem: "AWS's own policies allow more than anybody needs, and AWS changes them",
    fix: "Write a policy that names the actions and the bucket.",
  };
}

function* written(field: string, policy: unknown, actions: string[]): Generator<Problem | Undecided> {
  const all = statements(policy);
  if (!all) yield unreadable(field);
  yield* each(all, function* (statement, index) {
    if (statement.allows) yield* judge(statement, `${field}.Statement[${index}]`, actions);
  });
}

function* judge(statement: Statement, at: string, known: string[]): Generator<Problem> {
  for (const element of statement.negated) {
    yield {
      field: `${at}.${element}`,
      problem: "allows everything but what it names",
      fix: "Name what is allowed.",
    };
  }
  for (const action of statement.actions) {
    if (known.includes(action)) continue;
    yield {
      field: `${at}.Action`,
      found: action,
      problem: action.includes("*") ? "allows more than one action" : "nothing of the stack does that",
      fix: "Name the single actions that are needed; a new one belongs into the setting `actions`, too.",
    };
  }
  for (const resource of statement.resources) {
    // The bucket, the key: what stands before the first slash must be one thing.
    const [, , , , , name = ""] = resource.split(":");
    const one =
      resource.startsWith("arn:") && !name.replace(/\/.*$/, "").includes("*") && !/key\/.*\*/.test(name);
    if (one) continue;
    yield {
      field: `${at}.Resource`,
      found: resource,
      problem: "allows it on what is not the stack's own",
      fix: "Name the bucket or the key.",
    };
  }
  for (const [, id] of statement.principals) {
    if (!id.includes("*")) continue;
    yield {
      field: `${at}.Principal`,
      found: id,
      problem: "allows it to everybody",
      fix: "Name who may; only a Deny is about everybody.",
    };
  }
}
