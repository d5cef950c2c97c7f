import { describe, expect, test } from "vitest";
import type { SubjectValues } from "../../../../policies/framework/subject.ts";
import { UNKNOWN } from "../../../../policies/framework/unknown.ts";
import { bucketEncryption } from "../../../../policies/object-store/encryption.ts";
import { leastAccess } from "../../../../policies/object-store/least-access.ts";
import { bucketLifecycle } from "../../../../policies/object-store/lifecycle.ts";
import { bucketPrivate } from "../../../../policies/object-store/private.ts";
import { bucketTlsOnly } from "../../../../policies/object-store/tls-only.ts";
import { roleTrust } from "../../../../policies/object-store/trust.ts";
import { bucketVersioning } from "../../../../policies/object-store/versioning.ts";
import { versionsOutliveBackups } from "../../../../policies/object-store/versions-outlive-backups.ts";
import { backupStore, change, cluster, serviceAccount } from "../fixtures.ts";
import { fields, judge, only, resource } from "../support.ts";

type Document = Record<string, unknown>;

const json = (...Statement: Document[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const ARN = "arn:aws:s3:::nix-cache";

const bucket = resource("aws:s3/bucket:Bucket", "nars", { bucket: "nix-cache" }, { parent: "urn:parent" });

const plainHttp: Document = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: [ARN, `${ARN}/*`],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

const settings = {
  BucketVersioning: { versioningConfiguration: { status: "Enabled" } },
  BucketServerSideEncryptionConfiguration: {
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
  },
  BucketPublicAccessBlock: {
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  },
  BucketOwnershipControls: { rule: { objectOwnership: "BucketOwnerEnforced" } },
  BucketPolicy: { policy: json(plainHttp) },
  BucketLifecycleConfiguration: {
    rules: [
      { status: "Enabled", filter: {}, abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } },
      {
        status: "Enabled",
        filter: {},
        expiration: { expiredObjectDeleteMarker: true },
        noncurrentVersionExpiration: { noncurrentDays: 90 },
      },
    ],
  },
} satisfies Record<string, Document>;

type Setting = keyof typeof settings;

/** A bucket with all its settings, but for one that is changed, or left out when nothing is given for it. */
function stack(setting?: Setting, changes?: Record<string, unknown>): SubjectValues[] {
  const all = (Object.keys(settings) as Setting[]).flatMap((kind) => {
    const type = `aws:s3/${kind[0]?.toLowerCase()}${kind.slice(1)}:${kind}`;
    const made = resource(type, "nars", { bucket: "nix-cache", ...settings[kind] });
    if (kind !== setting) return [made];
    return changes ? [change(made, changes)] : [];
  });
  return [bucket, ...all];
}

const bucketPolicies = [
  bucketVersioning,
  bucketEncryption,
  bucketPrivate,
  bucketTlsOnly,
  bucketLifecycle,
  versionsOutliveBackups,
];

describe.each(bucketPolicies)("$name", (policy) => {
  test("has nothing against a bucket without mistakes", () => {
    expect(judge(policy, [...stack(), backupStore()])).toEqual({
      findings: [],
      open: [],
      unusedExceptions: [],
    });
  });

  test("knows a bucket's settings by what they wait for, when names are not known yet", () => {
    const unnamed = stack().map((each) =>
      change({ ...each, dependencies: each === bucket ? [] : [bucket.urn] }, { bucket: UNKNOWN }),
    );
    expect(judge(policy, unnamed).findings).toEqual([]);
  });

  test("leaves buckets at an S3-compatible endpoint alone", () => {
    const endpoint = { endpoints: [{ s3: "https://s3.example.com" }] };
    const provider = resource("pulumi:providers:aws", "object-store", endpoint, { parent: "urn:parent" });
    expect(judge(policy, [provider, bucket]).findings).toEqual([]);
    const elsewhere = { ...provider, parent: "urn:elsewhere" };
    expect(judge(policy, [elsewhere, bucket]).findings).toEqual(judge(policy, [bucket]).findings);
  });
});

const [first, second] = ["rules.0", "rules.1"];

test.each<[string, (typeof bucketPolicies)[number], Setting, Record<string, unknown> | undefined, string[]]>([
  ["no versions", bucketVersioning, "BucketVersioning", undefined, [""]],
  [
    "versions that are suspended",
    bucketVersioning,
    "BucketVersioning",
    { "versioningConfiguration.status": "Suspended" },
    ["versioningConfiguration.status"],
  ],
  ["no encryption", bucketEncryption, "BucketServerSideEncryptionConfiguration", undefined, [""]],
  [
    "an encryption that is none",
    bucketEncryption,
    "BucketServerSideEncryptionConfiguration",
    { "rules.0.applyServerSideEncryptionByDefault.sseAlgorithm": "none" },
    ["rules[0].applyServerSideEncryptionByDefault.sseAlgorithm"],
  ],
  ["no access block", bucketPrivate, "BucketPublicAccessBlock", undefined, ["", "", "", ""]],
  [
    "half an access block",
    bucketPrivate,
    "BucketPublicAccessBlock",
    { blockPublicPolicy: false, ignorePublicAcls: undefined },
    ["blockPublicPolicy", "ignorePublicAcls"],
  ],
  [
    "access lists",
    bucketPrivate,
    "BucketOwnershipControls",
    { "rule.objectOwnership": "ObjectWriter" },
    ["rule.objectOwnership"],
  ],
  ["no policy", bucketTlsOnly, "BucketPolicy", undefined, [""]],
  ["a policy about something else", bucketTlsOnly, "BucketPolicy", { policy: json() }, ["policy"]],
  ...(
    [
      ["that allows", { Effect: "Allow" }],
      ["about somebody", { Principal: { AWS: "arn:aws:iam::1:root" } }],
      ["about one action", { Action: "s3:GetObject" }],
      ["about objects alone", { Resource: `${ARN}/*` }],
      ["about the bucket alone", { Resource: ARN }],
      ["about requests by TLS", { Condition: { Bool: { "aws:SecureTransport": "true" } } }],
      [
        "with a second condition",
        { Condition: { ...(plainHttp.Condition as object), StringEquals: { a: "b" } } },
      ],
    ] as [string, Document][]
  ).map(([what, changes]): [string, typeof bucketTlsOnly, Setting, Record<string, unknown>, string[]] => [
    `a refusal ${what}`,
    bucketTlsOnly,
    "BucketPolicy",
    { policy: json({ ...plainHttp, ...changes }) },
    ["policy"],
  ]),
  ["no lifecycle", bucketLifecycle, "BucketLifecycleConfiguration", undefined, ["", ""]],
  [
    "unfinished uploads that stay",
    bucketLifecycle,
    "BucketLifecycleConfiguration",
    { [first as string]: undefined },
    ["rules"],
  ],
  [
    "a rule that is switched off",
    bucketLifecycle,
    "BucketLifecycleConfiguration",
    { [`${second}.status`]: "Disabled" },
    ["rules"],
  ],
  [
    "a rule for some objects",
    bucketLifecycle,
    "BucketLifecycleConfiguration",
    { [`${first}.filter`]: { prefix: "a/" } },
    ["rules"],
  ],
  [
    "objects that expire",
    bucketLifecycle,
    "BucketLifecycleConfiguration",
    { [`${second}.expiration`]: { days: 365 } },
    ["rules[1].expiration"],
  ],
  [
    "objects that expire on a day",
    bucketLifecycle,
    "BucketLifecycleConfiguration",
    { [`${second}.expiration`]: { date: "2030-01-01" } },
    ["rules[1].expiration"],
  ],
  ...["GLACIER", "DEEP_ARCHIVE"].map(
    (storageClass): [string, typeof bucketLifecycle, Setting, Record<string, unknown>, string[]] => [
      `objects that go to ${storageClass}`,
      bucketLifecycle,
      "BucketLifecycleConfiguration",
      {
        [`${second}.transitions`]: [
          { days: 30, storageClass: "STANDARD_IA" },
          { days: 90, storageClass },
        ],
      },
      ["rules[1].transitions"],
    ],
  ),
  [
    "versions that are gone tomorrow",
    bucketLifecycle,
    "BucketLifecycleConfiguration",
    { [`${second}.noncurrentVersionExpiration.noncurrentDays`]: 1 },
    ["rules[1].noncurrentVersionExpiration.noncurrentDays"],
  ],
])("%s: found", (_, policy, setting, changes, found) => {
  expect(fields(judge(policy, stack(setting, changes)))).toEqual(found);
});

test("objects may go to classes that are read at once", () => {
  for (const storageClass of ["STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR"]) {
    const moved = stack("BucketLifecycleConfiguration", {
      [`${second}.transitions`]: [{ days: 30, storageClass }],
    });
    expect(judge(bucketLifecycle, moved).findings).toEqual([]);
  }
});

test("intelligent tiering must not archive what nobody reads for a while", () => {
  const tiers = (status?: string) =>
    resource("aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration", "nars", {
      bucket: "nix-cache",
      status,
      tierings: [{ accessTier: "ARCHIVE_ACCESS", days: 90 }],
    });
  const { resource: found, field } = only(judge(bucketLifecycle, [...stack(), tiers()]));
  expect([found, field]).toEqual(["BucketIntelligentTieringConfiguration nars", "tierings"]);
  expect(judge(bucketLifecycle, [...stack(), tiers("Disabled")]).findings).toEqual([]);
});

test("a refusal of plain HTTP may be given as an object, and text that is none is refused", () => {
  const given = (policy: unknown) => judge(bucketTlsOnly, stack("BucketPolicy", { policy }));
  expect(given({ Version: "2012-10-17", Statement: plainHttp }).findings).toEqual([]);
  for (const policy of ["plain", 1, undefined]) {
    expect(only(given(policy))).toMatchObject({ resource: "BucketPolicy nars", field: "policy" });
  }
});

test("what is deleted must be there for as long as the database can be restored", () => {
  const short = stack("BucketLifecycleConfiguration", {
    "rules.1.noncurrentVersionExpiration.noncurrentDays": 29,
  });
  expect(only(judge(versionsOutliveBackups, [...short, backupStore()])).problem).toContain("30 days ago");
  expect(judge(versionsOutliveBackups, short).findings).toEqual([]);
});

describe("an IAM policy", () => {
  const policy = (...statements: Document[]) =>
    resource("aws:iam/rolePolicy:RolePolicy", "attic", { policy: json(...statements) });
  const objects: Document = {
    Effect: "Allow",
    Action: ["s3:GetObject", "s3:PutObject"],
    Resource: `${ARN}/*`,
  };

  test.each<[string, Document]>([
    ["single actions on the objects of a bucket", objects],
    ["the objects below a path", { ...objects, Resource: `${ARN}/attic-pg/*` }],
    [
      "a key",
      { Effect: "Allow", Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-central-1:123456789012:key/1234" },
    ],
    ["a refusal of everything to everybody", { Effect: "Deny", Principal: "*", Action: "*", Resource: "*" }],
  ])("may be about %s", (_, statement) => {
    expect(judge(leastAccess, policy(statement)).findings).toEqual([]);
  });

  test.each<[string, Document, string, string]>([
    ["every action", { Action: "*" }, "policy.Statement[0].Action", '"*"'],
    ["every action of S3", { Action: "s3:*" }, "policy.Statement[0].Action", '"s3:*"'],
    ["every reading action", { Action: ["s3:Get*"] }, "policy.Statement[0].Action", '"s3:Get*"'],
    [
      "an action that nothing needs",
      { Action: "s3:DeleteObjectVersion" },
      "policy.Statement[0].Action",
      '"s3:DeleteObjectVersion"',
    ],
    ["every resource", { Resource: "*" }, "policy.Statement[0].Resource", '"*"'],
    ["every bucket", { Resource: "arn:aws:s3:::*" }, "policy.Statement[0].Resource", '"arn:aws:s3:::*"'],
    [
      "every bucket of a name",
      { Resource: "arn:aws:s3:::nix-*/*" },
      "policy.Statement[0].Resource",
      '"arn:aws:s3:::nix-*/*"',
    ],
    [
      "every key",
      { Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-central-1:123456789012:key/*" },
      "policy.Statement[0].Resource",
      '"arn:aws:kms:eu-central-1:123456789012:key/*"',
    ],
  ])("must not be about %s", (_, changes, field, found) => {
    expect(only(judge(leastAccess, policy({ ...objects, ...changes })))).toMatchObject({ field, found });
  });

  test.each(["NotAction", "NotResource", "NotPrincipal"])("must not say %s", (element) => {
    const { Action, Resource, ...rest } = objects;
    const negated = { ...rest, [element]: "x" };
    expect(only(judge(leastAccess, policy(negated))).field).toBe(`policy.Statement[0].${element}`);
  });

  test.each([["*"], [{ AWS: "*" }]])("of a bucket must not allow anything to %j", (Principal) => {
    const opened = resource("aws:s3/bucketPolicy:BucketPolicy", "nars", {
      policy: json(plainHttp, { ...objects, Principal }),
    });
    expect(only(judge(leastAccess, opened)).field).toBe("policy.Statement[1].Principal");
  });

  test.each<[string, string, (arn: string) => Record<string, unknown>]>([
    ["rolePolicyAttachment:RolePolicyAttachment", "policyArn", (policyArn) => ({ policyArn })],
    ["userPolicyAttachment:UserPolicyAttachment", "policyArn", (policyArn) => ({ policyArn })],
    ["groupPolicyAttachment:GroupPolicyAttachment", "policyArn", (policyArn) => ({ policyArn })],
    ["policyAttachment:PolicyAttachment", "policyArn", (policyArn) => ({ policyArn })],
    ...["role", "user", "group"].map((whose): [string, string, (arn: string) => Record<string, unknown>] => {
      const kind = `${whose}PolicyAttachmentsExclusive`;
      const type = `${kind}:${kind[0]?.toUpperCase()}${kind.slice(1)}`;
      return [type, "policyArns[0]", (arn) => ({ policyArns: [arn] })];
    }),
    ["role:Role", "managedPolicyArns[0]", (arn) => ({ managedPolicyArns: [arn] })],
  ])("must not be one of AWS's own, by a %s", (type, field, properties) => {
    const attached = (arn: string) => judge(leastAccess, resource(`aws:iam/${type}`, "a", properties(arn)));
    const found = "arn:aws:iam::aws:policy/AdministratorAccess";
    expect(only(attached(found))).toMatchObject({ field, found: JSON.stringify(found) });
    expect(attached("arn:aws:iam::123456789012:policy/own").findings).toEqual([]);
  });

  describe("in a role itself", () => {
    const role = (...statements: Document[]) =>
      resource("aws:iam/role:Role", "attic", {
        assumeRolePolicy: json({ Effect: "Allow", Action: "sts:AssumeRoleWithWebIdentity" }),
        inlinePolicies: [{ name: "own", policy: json(...statements) }],
      });

    test("is held to the same", () => {
      expect(judge(leastAccess, role(objects)).findings).toEqual([]);
      expect(only(judge(leastAccess, role({ ...objects, Action: "*" }))).field).toBe(
        "inlinePolicies[0].policy.Statement[0].Action",
      );
    });

    test("that is not known yet is left open, and hides none of the others", () => {
      const hidden = change(role({ ...objects, Action: "*" }), { managedPolicyArns: UNKNOWN });
      const { findings, open } = judge(leastAccess, hidden);
      expect([findings.length, open.map(({ field }) => field)]).toEqual([1, ["managedPolicyArns"]]);
    });
  });

  test("may be given as an object", () => {
    const given = (statement: Document) =>
      judge(
        leastAccess,
        resource("aws:iam/policy:Policy", "attic", {
          policy: { Version: "2012-10-17", Statement: [statement] },
        }),
      );
    expect(given(objects).findings).toEqual([]);
    expect(only(given({ ...objects, Action: "s3:*" })).field).toBe("policy.Statement[0].Action");
    const { findings, open } = given({ ...objects, Resource: UNKNOWN });
    expect([findings.length, open.map(({ field }) => field)]).toEqual([0, ["policy.Statement[0].Resource"]]);
  });

  test.each([undefined, null, "", "s3:*", "7", 7])("that is %j is refused where it stands", (given) => {
    const unreadable = resource("aws:iam/policy:Policy", "attic", { policy: given });
    expect(only(judge(leastAccess, unreadable))).toMatchObject({ resource: "Policy attic", field: "policy" });
  });

  test("may do more where the stack says so", () => {
    const tags = { ...objects, Action: "s3:PutObjectTagging" };
    expect(judge(leastAccess, policy(tags), { actions: ["s3:PutObjectTagging"] }).findings).toEqual([]);
  });

  test("that is not known yet is left open", () => {
    const unknown = resource("aws:iam/rolePolicy:RolePolicy", "attic", { policy: UNKNOWN });
    const { findings, open } = judge(leastAccess, unknown);
    expect([findings.length, open.length]).toEqual([0, 1]);
  });
});

describe("a role", () => {
  const ISSUER = "oidc.example.com/id/A";
  const pods: Document = {
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${ISSUER}` },
    Action: "sts:AssumeRoleWithWebIdentity",
  };
  const exact = (sub: string | string[], aud = "sts.amazonaws.com") => ({
    StringEquals: { [`${ISSUER}:sub`]: sub, [`${ISSUER}:aud`]: aud },
  });
  const attic = "system:serviceaccount:nix-cache:attic";
  const judged = (changes: Document) => {
    const assumeRolePolicy = json({ ...pods, Condition: exact(attic), ...changes });
    return judge(roleTrust, [
      resource("aws:iam/role:Role", "attic", { assumeRolePolicy }),
      serviceAccount("attic"),
      cluster(),
    ]);
  };

  test("may trust the stack's ServiceAccounts, and those of its database", () => {
    const both = [attic, "system:serviceaccount:nix-cache:attic-pg"];
    expect(judged({ Condition: exact(both) })).toEqual({ findings: [], open: [], unusedExceptions: [] });
  });

  test("may say whom it trusts by an object, and must say it", () => {
    const given = (assumeRolePolicy: unknown) =>
      judge(roleTrust, [
        resource("aws:iam/role:Role", "attic", { assumeRolePolicy }),
        serviceAccount("attic"),
      ]);
    const Statement = { ...pods, Condition: exact(attic) };
    expect(given({ Version: "2012-10-17", Statement }).findings).toEqual([]);
    for (const policy of [undefined, "plain"]) {
      expect(only(given(policy))).toMatchObject({ resource: "Role attic", field: "assumeRolePolicy" });
    }
  });

  test.each<[string, Document, string]>([
    ["everybody", { Principal: "*" }, "somebody else than the cluster's pods"],
    ["an account", { Principal: { AWS: "123456789012" } }, "somebody else than the cluster's pods"],
    [
      "an account, too",
      { Principal: { ...(pods.Principal as object), AWS: "123456789012" } },
      "somebody else than the cluster's pods",
    ],
    ["whoever has keys", { Action: "sts:AssumeRole" }, "somebody else than the cluster's pods"],
    [
      "everybody else",
      { Principal: undefined, NotPrincipal: { AWS: "1" } },
      "somebody else than the cluster's pods",
    ],
    [
      "every pod of the cluster",
      { Condition: { StringEquals: { [`${ISSUER}:aud`]: "sts.amazonaws.com" } } },
      "any pod of the cluster",
    ],
    [
      "every pod of a name like it",
      {
        Condition: {
          StringEquals: { [`${ISSUER}:aud`]: "sts.amazonaws.com" },
          StringLike: { [`${ISSUER}:sub`]: "system:serviceaccount:nix-cache:*" },
        },
      },
      "any pod of the cluster",
    ],
    ["a ServiceAccount that nobody makes", { Condition: exact(`${attic}-x`) }, "no such ServiceAccount"],
    [
      "a ServiceAccount of another namespace",
      { Condition: exact("system:serviceaccount:default:attic") },
      "no such ServiceAccount",
    ],
    ["a token for somebody else", { Condition: exact(attic, "vault") }, "made for another service"],
    [
      "a token for anybody",
      { Condition: { StringEquals: { [`${ISSUER}:sub`]: attic } } },
      "made for another service",
    ],
  ])("must not trust %s", (_, changes, problem) => {
    expect(only(judged(changes)).problem).toContain(problem);
  });
});
