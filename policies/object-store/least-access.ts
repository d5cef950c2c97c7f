import { each, type Problem, resourcePolicy } from "../framework/policy.ts";
import { list } from "../framework/settings.ts";
import { type Statement, statements } from "./documents.ts";

const POLICIES = [
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/policy:Policy",
  "aws:iam/userPolicy:UserPolicy",
  "aws:iam/groupPolicy:GroupPolicy",
  "aws:s3/bucketPolicy:BucketPolicy",
];
const ATTACHMENTS = [
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:iam/userPolicyAttachment:UserPolicyAttachment",
];

/** What breaks into a pod can do what the pod's role can do, and no more. */
export const leastAccess = resourcePolicy({
  name: "least-access",
  description: "IAM policies allow single actions on single buckets and keys to nobody unknown.",
  level: "mandatory",
  kinds: [...POLICIES, ...ATTACHMENTS],
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
    if (ATTACHMENTS.includes(kind)) {
      const arn = String(properties.policyArn);
      if (!/^arn:[^:]+:iam::aws:policy\//.test(arn)) return;
      yield {
        field: "policyArn",
        found: arn,
        problem: "AWS's own policies allow more than anybody needs, and AWS changes them",
        fix: "Write a policy that names the actions and the bucket.",
      };
      return;
    }
    yield* each(statements(properties.policy as string), function* (statement, index) {
      if (statement.allows) yield* judge(statement, `policy.Statement[${index}]`, actions);
    });
  },
});

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
