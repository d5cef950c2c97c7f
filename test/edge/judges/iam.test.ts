import { beforeAll, describe, expect, test } from "vitest";
import { SHIPPED } from "../../../config/shipped.ts";
import { readStackFile, stackNames } from "../../../config/stack-file.ts";
import program from "../../../index.ts";
import { type AwsRequest, checkPolicies, decide, type PolicyKind, survey } from "../../../judges/iam/ask.ts";
import { type EmittedPolicies, emittedPolicies } from "../../../judges/iam/documents.ts";
import { iamProgram } from "../../../judges/iam/install.ts";
import { record } from "../../../render/record.ts";

const now = new Date("2026-11-21T08:00:00Z");
const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const objects = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"];

/** The policies of a stack, with other settings of its object store. */
async function policiesOf(stack: string, change: (settings: ObjectStore) => void = () => {}) {
  const { values, secretKeys } = readStackFile(SHIPPED, stack);
  const objectStore = JSON.parse(values["attic:objectStore"] ?? "{}") as ObjectStore;
  change(objectStore);
  const config = { values: { ...values, "attic:objectStore": JSON.stringify(objectStore) }, secretKeys };
  return emittedPolicies(await record(() => program(now), { stack, config }));
}

interface ObjectStore {
  bucket: string;
  aws: { oidcProviderArn: string; kmsKeyArn?: string };
}

/** A part of the policies that has to be there. */
function get<T>(all: Record<string, T>, name: string): T {
  const found = all[name];
  if (!found) throw new Error(`there is no ${name} among ${Object.keys(all).join(", ")}`);
  return found;
}

/** What comes with every request to S3 that is as it should be. */
const https = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" };

/** A request of a role's pods to a bucket of this stack, or to somebody else's. */
function request(
  policies: EmittedPolicies,
  role: string,
  action: string,
  path: string,
  context = {},
): AwsRequest {
  return {
    principal: `arn:aws:sts::123456789012:assumed-role/${role}/pod`,
    action,
    resource: `arn:aws:s3:::${path}`,
    context: { ...https, ...context },
    identityPolicy: get(policies.roles, role).permissions,
    resourcePolicy: policies.buckets[path.split("/")[0] ?? ""],
  };
}

let production: EmittedPolicies;
let encrypted: EmittedPolicies;
beforeAll(async () => {
  await iamProgram();
  production = await policiesOf("production");
  encrypted = await policiesOf("production", ({ aws }) => {
    aws.kmsKeyArn = kmsKeyArn;
  });
});

describe("every document", () => {
  const documents = ({ roles, buckets }: EmittedPolicies): { kind: PolicyKind; policy: object }[] => [
    ...Object.values(roles).flatMap(({ trust, permissions }) => [
      { kind: "trust" as const, policy: trust },
      { kind: "identity" as const, policy: permissions },
    ]),
    ...Object.values(buckets).map((policy) => ({ kind: "resource" as const, policy })),
  ];

  test.each(stackNames(SHIPPED).sort())("of %s is sound where it stands", async (stack) => {
    const all = documents(await policiesOf(stack));
    expect(all).toHaveLength(6);
    expect((await checkPolicies(all)).flat()).toEqual([]);
  });

  test("of a stack with a KMS key is, too", async () => {
    expect((await checkPolicies(documents(encrypted))).flat()).toEqual([]);
  });

  test("that stands where it may not is refused", async () => {
    const { trust, permissions } = get(production.roles, "attic");
    const wrong = await checkPolicies([
      { kind: "identity", policy: trust },
      { kind: "trust", policy: permissions },
      { kind: "identity", policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3" }] } },
    ]);
    expect(wrong.map(([complaint]) => complaint)).toEqual([
      "Statement[0].#Principal: Principal is not allowed in an identity policy statement",
      "Statement[0].#Resource: Resource is not allowed in a trust policy",
      "Statement[0]: One of Resource or NotResource is required in an identity policy statement",
    ]);
  });
});

describe("of all the actions there are in AWS, the pods of Attic may", () => {
  const ask = async (role: string, path: string) =>
    (await survey([request(production, role, "", path)]))[0] ?? { asked: 0, allowed: [] };

  test("read, write and delete objects of its bucket, and give up uploads", async () => {
    const { asked, allowed } = await ask("attic", "nix-cache/0a1b.chunk");
    expect(allowed).toEqual(objects);
    expect(asked).toBeGreaterThan(40);
  });

  test.each([
    ["the bucket itself, such as listing it", "nix-cache"],
    ["the bucket of the backups", "attic-pg-backup"],
    ["a backup", "attic-pg-backup/attic-pg/base/20261121T000000/data.tar.gz"],
    ["a bucket whose name begins the same", "nix-cache-2/0a1b.chunk"],
  ])("nothing of %s", async (_, path) => {
    const { asked, allowed } = await ask("attic", path);
    expect(allowed).toEqual([]);
    expect(asked).toBeGreaterThan(40);
  });

  test("of what is asked of no resource, what AWS allows everybody: to ask who one is", async () => {
    const anything: AwsRequest = { ...request(production, "attic", "", "nix-cache"), resource: "*" };
    const [answer] = await survey([anything]);
    expect(answer?.allowed).toEqual(["sts:GetCallerIdentity"]);
    expect(answer?.asked).toBeGreaterThan(1000);
  });
});

describe("the pods of the database may", () => {
  test("read, write and delete below the path of the backups, and nothing beside it", async () => {
    const paths = [
      "attic-pg-backup/attic-pg/wals/1",
      "attic-pg-backup/other/1",
      "nix-cache/0a1b.chunk",
      "nix-cache",
    ];
    const answers = await survey(paths.map((path) => request(production, "attic-pg", "", path)));
    expect(answers.map(({ allowed }) => allowed)).toEqual([objects, [], [], []]);
  });

  test.each([
    ["below that path", { "s3:prefix": "attic-pg/wals/" }, "Allowed"],
    ["for nothing but whether the bucket is there", {}, "Allowed"],
    ["in another path", { "s3:prefix": "other/" }, "ImplicitlyDenied"],
    ["in the whole bucket", { "s3:prefix": "" }, "ImplicitlyDenied"],
  ])("list %s: %o %s", async (_, context, decision) => {
    const asked = request(production, "attic-pg", "s3:ListBucket", "attic-pg-backup", context);
    expect(await decide([asked])).toEqual([decision]);
  });
});

describe("a bucket refuses", () => {
  const roles = [
    ["attic", "nix-cache/0a1b.chunk"],
    ["attic-pg", "attic-pg-backup/attic-pg/wals/1"],
  ] as const;
  /** Of each role in its own bucket. */
  const each = (policies: EmittedPolicies, action: string, context: Record<string, string>) =>
    decide(roles.map(([role, path]) => request(policies, role, action, path, context)));
  const denied = ["ExplicitlyDenied", "ExplicitlyDenied"];
  const allowed = ["Allowed", "Allowed"];

  test("plain HTTP, and TLS before 1.2", async () => {
    expect(await each(production, "s3:GetObject", { "aws:SecureTransport": "false" })).toEqual(denied);
    expect(await each(production, "s3:PutObject", { "s3:TlsVersion": "1.1" })).toEqual(denied);
    expect(await each(production, "s3:PutObject", { "s3:TlsVersion": "1.2" })).toEqual(allowed);
  });

  test("whoever asks by plain HTTP, an administrator too", async () => {
    const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
    const administrator = (context: object): AwsRequest => ({
      ...request(production, "attic", "s3:DeleteBucket", "nix-cache", context),
      identityPolicy: policy,
    });
    expect(await decide([administrator({}), administrator({ "aws:SecureTransport": "false" })])).toEqual([
      "Allowed",
      "ExplicitlyDenied",
    ]);
  });

  const header = "s3:x-amz-server-side-encryption";
  test.each<[string, Record<string, string>, string[]]>([
    ["another encryption", { [header]: "AES256" }, denied],
    ["another key", { [header]: "aws:kms", [`${header}-aws-kms-key-id`]: `${kmsKeyArn}0` }, denied],
    ["this key", { [header]: "aws:kms", [`${header}-aws-kms-key-id`]: kmsKeyArn }, allowed],
    ["nothing, as Attic and barman-cloud do", {}, allowed],
  ])("with a KMS key, what asks for another: %s", async (_, context, decisions) => {
    expect(await each(encrypted, "s3:PutObject", context)).toEqual(decisions);
    expect(await each(production, "s3:PutObject", context)).toEqual(allowed);
  });
});

describe("a role may use the KMS key", () => {
  // The simulator does not let a request have a context key whose name is partly the caller's, as this one is; so
  // the condition is asked about under the name of another text.
  const key = "kms:EncryptionContext:aws:s3:arn";
  const standIn = "kms:RequestAlias";
  const permissions = (role: string): object => {
    const [before, after, ...more] = JSON.stringify(get(encrypted.roles, role).permissions).split(`"${key}"`);
    expect(more).toEqual([]);
    return JSON.parse(`${before}"${standIn}"${after}`);
  };

  // The key is not the program's. This is the policy that AWS gives a new one: the account's roles decide.
  const keyPolicy = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::123456789012:root" },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  };
  const use = (role: string, action: string, object?: string): AwsRequest => ({
    principal: `arn:aws:sts::123456789012:assumed-role/${role}/pod`,
    action,
    resource: kmsKeyArn,
    context: object ? { [standIn]: `arn:aws:s3:::${object}` } : {},
    identityPolicy: permissions(role),
    resourcePolicy: keyPolicy,
  });

  test("for the objects of its own bucket, as S3 asks with and without a bucket key", async () => {
    expect(
      await decide([
        use("attic", "kms:GenerateDataKey", "nix-cache/0a1b.chunk"),
        use("attic", "kms:Decrypt", "nix-cache"),
        use("attic-pg", "kms:GenerateDataKey", "attic-pg-backup/attic-pg/wals/1"),
        use("attic-pg", "kms:Decrypt", "attic-pg-backup"),
      ]),
    ).toEqual(["Allowed", "Allowed", "Allowed", "Allowed"]);
  });

  test("for nothing of the other's bucket, nor by itself, nor to change it", async () => {
    expect(
      await decide([
        use("attic", "kms:Decrypt", "attic-pg-backup/attic-pg/wals/1"),
        use("attic-pg", "kms:Decrypt", "nix-cache/0a1b.chunk"),
        use("attic", "kms:Decrypt"),
        use("attic", "kms:ScheduleKeyDeletion"),
      ]),
    ).toEqual(["ImplicitlyDenied", "ImplicitlyDenied", "ImplicitlyDenied", "ImplicitlyDenied"]);
  });
});

describe("a role is assumed", () => {
  // The simulator has the context keys of a few well-known issuers, and of no EKS cluster; so the cluster is given
  // the name of one of those.
  const issuer = "accounts.google.com";
  const provider = (name: string) => `arn:aws:iam::123456789012:oidc-provider/${name}`;
  let policies: EmittedPolicies;
  beforeAll(async () => {
    policies = await policiesOf("production", ({ aws }) => {
      aws.oidcProviderArn = provider(issuer);
    });
  });

  /** A pod's request for a role, with a token. */
  const assume = (
    role: string,
    { account = "nix-cache:attic", audience = "sts.amazonaws.com", from = issuer, action = "" } = {},
  ): AwsRequest => ({
    principal: provider(from),
    action: action || "sts:AssumeRoleWithWebIdentity",
    resource: `arn:aws:iam::123456789012:role${get(policies.roles, role).path}`,
    context: { [`${issuer}:sub`]: `system:serviceaccount:${account}`, [`${issuer}:aud`]: audience },
    resourcePolicy: get(policies.roles, role).trust,
  });

  test("by the pods of its ServiceAccounts", async () => {
    expect(
      await decide([
        assume("attic"),
        assume("attic", { account: "nix-cache:attic-gc" }),
        assume("attic-pg", { account: "nix-cache:attic-pg" }),
      ]),
    ).toEqual(["Allowed", "Allowed", "Allowed"]);
  });

  test.each<[string, string, Parameters<typeof assume>[1]]>([
    ["the database, where it is Attic's", "attic", { account: "nix-cache:attic-pg" }],
    ["Attic, where it is the database's", "attic-pg", {}],
    ["the migrations, which ask nothing of the bucket", "attic", { account: "nix-cache:attic-migrate" }],
    ["a ServiceAccount of that name in another namespace", "attic", { account: "default:attic" }],
    ["a ServiceAccount whose name begins the same", "attic", { account: "nix-cache:attic-2" }],
    ["whoever has a token for another service", "attic", { audience: "https://kubernetes.default.svc" }],
    ["pods of another cluster", "attic", { from: "issuer.example.com" }],
  ])("not by %s", async (_, role, token) => {
    expect(await decide([assume(role, token)])).toEqual(["ImplicitlyDenied"]);
  });
});

describe("the judge does not decide", () => {
  test.each([
    ["an action that there is not", "s3:ReadObject", {}],
    ["an action that is not asked of objects", "s3:ListBucket", {}],
    ["a request with a context key that never comes with it", "s3:GetObject", { "s3:prefix": "a/" }],
  ])("%s", async (_, action, context) => {
    const asked = request(production, "attic", action, "nix-cache/0a1b.chunk", context);
    await expect(decide([asked])).rejects.toThrow(action);
  });
});
