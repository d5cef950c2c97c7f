import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backupAccess,
  bucketArn,
  bucketPolicy,
  federation,
  narAccess,
  type PolicyDocument,
  trustPolicy,
} from "../../../../components/object-store/policies.ts";

const oidcProviderArn =
  "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE";
const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const nars = { arn: "arn:aws:s3:::nix-cache" };
const backups = { arn: "arn:aws:s3:::attic-pg-backup" };

const sids = ({ Statement }: PolicyDocument) => Statement.map(({ Sid }) => Sid);
const statement = ({ Statement }: PolicyDocument, sid: string) => Statement.find(({ Sid }) => Sid === sid);

describe("who may assume a role", () => {
  test("are the pods of one ServiceAccount of one namespace of one cluster", () => {
    expect(trustPolicy(federation(oidcProviderArn), "nix-cache", ["attic"])).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Pods",
          Effect: "Allow",
          Principal: { Federated: oidcProviderArn },
          Action: ["sts:AssumeRoleWithWebIdentity"],
          Condition: {
            StringEquals: {
              "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
              "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:sub": ["system:serviceaccount:nix-cache:attic"],
            },
          },
        },
      ],
    });
  });

  test("are the pods of each of several ServiceAccounts", () => {
    const [{ Condition } = {}] = trustPolicy(federation(oidcProviderArn), "nix-cache", [
      "attic",
      "attic-gc",
    ]).Statement;
    expect(Condition?.StringEquals).toMatchObject({
      "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:sub": [
        "system:serviceaccount:nix-cache:attic",
        "system:serviceaccount:nix-cache:attic-gc",
      ],
    });
  });
});

test.each([
  ["aws", oidcProviderArn, "arn:aws:s3:::nix-cache"],
  [
    "aws-cn",
    "arn:aws-cn:iam::123456789012:oidc-provider/oidc.eks.cn-north-1.amazonaws.com.cn/id/EXAMPLE",
    "arn:aws-cn:s3:::nix-cache",
  ],
  [
    "aws-us-gov",
    "arn:aws-us-gov:iam::123456789012:oidc-provider/oidc.eks.us-gov-west-1.amazonaws.com/id/EXAMPLE",
    "arn:aws-us-gov:s3:::nix-cache",
  ],
])("a bucket in %s is in the partition of the cluster", (partition, provider, bucket) => {
  expect(federation(provider)).toMatchObject({ partition, account: "123456789012" });
  expect(bucketArn(federation(provider).partition, "nix-cache")).toBe(bucket);
});

describe("what Attic may do", () => {
  test("is to write, read and delete objects of its bucket, and to give up an upload", () => {
    expect(narAccess(nars)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Objects",
          Effect: "Allow",
          Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
          Resource: ["arn:aws:s3:::nix-cache/*"],
        },
      ],
    });
  });

  test("includes the key that encrypts the bucket, for this bucket's objects alone", () => {
    const policy = narAccess({ ...nars, kmsKeyArn });
    expect(sids(policy)).toEqual(["Objects", "Encryption"]);
    expect(statement(policy, "Encryption")).toEqual({
      Sid: "Encryption",
      Effect: "Allow",
      Action: ["kms:GenerateDataKey", "kms:Decrypt"],
      Resource: [kmsKeyArn],
      Condition: {
        StringLike: {
          "kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::nix-cache", "arn:aws:s3:::nix-cache/*"],
        },
      },
    });
  });
});

describe("what barman-cloud may do", () => {
  test("is the same below its path, and to list what is there", () => {
    expect(backupAccess(backups, "attic-pg/")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Objects",
          Effect: "Allow",
          Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
          Resource: ["arn:aws:s3:::attic-pg-backup/attic-pg/*"],
        },
        {
          Sid: "List",
          Effect: "Allow",
          Action: ["s3:ListBucket"],
          Resource: ["arn:aws:s3:::attic-pg-backup"],
          Condition: { StringLikeIfExists: { "s3:prefix": "attic-pg/*" } },
        },
      ],
    });
  });

  test("includes the key, when there is one", () => {
    expect(sids(backupAccess({ ...backups, kmsKeyArn }, "attic-pg/"))).toEqual([
      "Objects",
      "List",
      "Encryption",
    ]);
  });
});

describe("what a bucket refuses to everybody", () => {
  const everything = ["arn:aws:s3:::nix-cache", "arn:aws:s3:::nix-cache/*"];

  test("is plain HTTP, and TLS before 1.2", () => {
    expect(bucketPolicy(nars)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "PlainHttp",
          Effect: "Deny",
          Principal: "*",
          Action: ["s3:*"],
          Resource: everything,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        {
          Sid: "OldTls",
          Effect: "Deny",
          Principal: "*",
          Action: ["s3:*"],
          Resource: everything,
          Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } },
        },
      ],
    });
  });

  test("is, with a KMS key, what asks for another encryption or another key", () => {
    const policy = bucketPolicy({ ...nars, kmsKeyArn });
    expect(sids(policy)).toEqual(["PlainHttp", "OldTls", "OtherEncryption", "OtherKey"]);
    expect(statement(policy, "OtherEncryption")).toMatchObject({
      Action: ["s3:PutObject"],
      Resource: ["arn:aws:s3:::nix-cache/*"],
      Condition: { StringNotEquals: { "s3:x-amz-server-side-encryption": "aws:kms" } },
    });
    expect(statement(policy, "OtherKey")?.Condition).toMatchObject({
      StringNotEquals: { "s3:x-amz-server-side-encryption-aws-kms-key-id": kmsKeyArn },
    });
  });

  test("is never an upload that asks for nothing, as Attic's and barman-cloud's do", () => {
    for (const { Condition } of bucketPolicy({ ...nars, kmsKeyArn }).Statement) {
      for (const header of Object.keys(Condition?.StringNotEquals ?? {})) {
        expect(Condition?.Null).toEqual({ [header]: "false" });
      }
    }
  });
});

describe("whatever the buckets are called", () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,40}[a-z0-9]$/);
  const path = fc.stringMatching(/^([a-z0-9._-]{1,8}\/){1,3}$/);
  const account = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
  const any = fc.record({
    bucket: name,
    path,
    namespace: account,
    accounts: fc.array(account, { minLength: 1, maxLength: 3 }),
    partition: fc.constantFrom("aws", "aws-cn", "aws-us-gov"),
    encrypted: fc.boolean(),
  });

  test("no role is allowed every action, every resource, or anything of another bucket", () => {
    fc.assert(
      fc.property(any, ({ bucket, path, partition, encrypted }) => {
        const arn = bucketArn(partition, bucket);
        const address = encrypted ? { arn, kmsKeyArn } : { arn };
        for (const policy of [narAccess(address), backupAccess(address, path)]) {
          for (const { Effect, Principal, Action, Resource } of policy.Statement) {
            expect(Effect).toBe("Allow");
            expect(Principal).toBeUndefined();
            for (const action of Action) expect(action).toMatch(/^(s3|kms):[A-Za-z]+$/);
            for (const resource of Resource ?? []) {
              expect([arn, `${arn}/*`, `${arn}/${path}*`, kmsKeyArn]).toContain(resource);
            }
          }
        }
      }),
    );
  });

  test("a bucket's own policy only ever takes away", () => {
    fc.assert(
      fc.property(any, ({ bucket, partition, encrypted }) => {
        const arn = bucketArn(partition, bucket);
        for (const { Effect, Action, Resource, Condition } of bucketPolicy(
          encrypted ? { arn, kmsKeyArn } : { arn },
        ).Statement) {
          expect(Effect).toBe("Deny");
          expect(Condition).toBeDefined();
          expect(Action).not.toContain("*");
          for (const resource of Resource ?? []) expect([arn, `${arn}/*`]).toContain(resource);
        }
      }),
    );
  });

  test("a role trusts exact names, never a pattern", () => {
    fc.assert(
      fc.property(any, ({ namespace, accounts, partition }) => {
        const provider = `arn:${partition}:iam::123456789012:oidc-provider/issuer.example.com/id/1`;
        const policy = trustPolicy(federation(provider), namespace, accounts);
        expect(JSON.stringify(policy)).not.toContain("*");
        for (const { Action, Condition } of policy.Statement) {
          expect(Action).toEqual(["sts:AssumeRoleWithWebIdentity"]);
          expect(Object.keys(Condition ?? {})).toEqual(["StringEquals"]);
          expect(Object.keys(Condition?.StringEquals ?? {})).toEqual([
            "issuer.example.com/id/1:aud",
            "issuer.example.com/id/1:sub",
          ]);
        }
      }),
    );
  });
});
