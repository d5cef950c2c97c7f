import { describe, expect, test } from "vitest";
import { ObjectStore, type ObjectStoreArgs } from "../../../../components/object-store/index.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { type RecordedResource, type Recording, record } from "../../../../render/record.ts";
import { find } from "../../../support/record.ts";
import { externalDatabase, s3, stackConfig } from "../../../support/settings.ts";

const oidcProviderArn =
  "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE";
const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const onAws = (more: object = {}): Partial<Settings> => ({
  database: {},
  objectStore: { region: "eu-central-1", aws: { oidcProviderArn, ...more } },
});
const external = externalDatabase({ passwordSecret: { name: "database", key: "password" } });
const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI" };
const endpoint = "https://s3.example.com";

/** Records the component alone; its properties are the outputs. */
function make(
  settings: Partial<Settings>,
  { preview = false, ...args }: { preview?: boolean } & Partial<ObjectStoreArgs> = {},
): Promise<Recording> {
  const config = stackConfig(settings, ["objectStore"]);
  return record(
    async () => {
      const store = new ObjectStore("object-store", { config, ...args });
      const { bucket, backupBucket, region, endpoint, atticRoleArn, databaseRoleArn } = store;
      const outputs = { bucket, backupBucket, region, endpoint, atticRoleArn, databaseRoleArn };
      return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
    },
    {
      stack: "test",
      config: { values: {}, secretKeys: [] },
      preview,
      answers: preview
        ? {}
        : {
            state: (type, _, { path, name }): Record<string, unknown> =>
              type === "aws:iam/role:Role" ? { arn: `arn:aws:iam::123456789012:role${path}${name}` } : {},
          },
    },
  );
}

/** The resources of a provider, by kind and name; `custom` leaves components out. */
const made = ({ resources }: Recording) =>
  resources
    .filter(({ custom, type }) => custom && !type.startsWith("pulumi:pulumi:"))
    .map(
      ({ type, name }) =>
        `${type.startsWith("pulumi:providers:") ? "Provider" : type.split(":").pop()} ${name}`,
    )
    .sort();

const policy = (recording: Recording, type: string, name: string, field = "policy") =>
  JSON.parse(find(recording, type, name).inputs[field] as string);

const ofBucket = (name: string) =>
  [
    "Bucket",
    "BucketLifecycleConfiguration",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
  ].map((kind) => `${kind} ${name}`);

describe.each([
  ["in a preview, when nothing is known yet", true],
  ["in an update", false],
])("on AWS, %s", (_, preview) => {
  test("a stack has a bucket and a role for its NARs, and the same for its backups", async () => {
    expect(made(await make(onAws(), { preview }))).toEqual(
      [
        "Provider object-store",
        ...ofBucket("nars"),
        ...ofBucket("backups"),
        "Role attic",
        "RolePolicy attic",
        "Role attic-pg",
        "RolePolicy attic-pg",
      ].sort(),
    );
  });

  test.each<[string, Partial<Settings>]>([
    ["of a database elsewhere", { database: external }],
    ["that nobody wants", { database: { cloudNativePg: { backup: { enabled: false } } } }],
  ])("backups %s have neither", async (_, database) => {
    const recording = await make({ ...onAws(), ...database }, { preview });
    expect(made(recording)).toEqual(
      ["Provider object-store", ...ofBucket("nars"), "Role attic", "RolePolicy attic"].sort(),
    );
    expect(recording.outputs.backupBucket).toBeUndefined();
    expect(recording.outputs.databaseRoleArn).toBeUndefined();
  });

  test("the buckets have the configured names, which are known before they are made", async () => {
    const recording = await make(onAws(), { preview });
    expect(recording.outputs).toMatchObject({
      bucket: "nix-cache",
      backupBucket: "attic-pg-backup",
      region: "eu-central-1",
    });
    expect(find(recording, "Bucket", "nars").inputs.bucket).toBe("nix-cache");
    expect(find(recording, "Bucket", "backups").inputs.bucket).toBe("attic-pg-backup");
  });

  test("a bucket is private: no public access, no ACLs, and a policy that only takes away", async () => {
    const recording = await make(onAws(), { preview });
    for (const name of ["nars", "backups"]) {
      expect(find(recording, "BucketPublicAccessBlock", name).inputs).toMatchObject({
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      expect(find(recording, "BucketOwnershipControls", name).inputs.rule).toEqual({
        objectOwnership: "BucketOwnerEnforced",
      });
      for (const { Effect } of policy(recording, "BucketPolicy", name).Statement) expect(Effect).toBe("Deny");
    }
  });

  test("the access block comes before the policy, and versions before the rules about them", async () => {
    const recording = await make(onAws(), { preview });
    const waitsFor = (type: string, name: string) =>
      find(recording, type, name).dependsOn.map((urn) =>
        urn.split(/[:/]/).findLast((part) => /^Bucket/.test(part)),
      );
    for (const name of ["nars", "backups"]) {
      expect(waitsFor("BucketOwnershipControls", name)).toContain("BucketPublicAccessBlock");
      expect(waitsFor("BucketPolicy", name)).toEqual([
        "Bucket",
        "BucketOwnershipControls",
        "BucketPublicAccessBlock",
      ]);
      expect(waitsFor("BucketLifecycleConfiguration", name)).toEqual(["Bucket", "BucketVersioning"]);
    }
  });

  test("a bucket keeps versions, by rules of its own", async () => {
    const recording = await make(onAws(), { preview });
    const rules = (name: string) =>
      (find(recording, "BucketLifecycleConfiguration", name).inputs.rules as { id: string }[]).map(
        ({ id }) => id,
      );
    for (const name of ["nars", "backups"]) {
      expect(find(recording, "BucketVersioning", name).inputs.versioningConfiguration).toEqual({
        status: "Enabled",
      });
    }
    expect(rules("nars")).toEqual(["unfinished-uploads", "old-versions", "infrequent-access"]);
    expect(rules("backups")).toEqual(["unfinished-uploads", "old-versions"]);
  });

  test("a bucket is encrypted, and refuses keys that clients bring along", async () => {
    const rules = async (more?: object) =>
      find(await make(onAws(more), { preview }), "BucketServerSideEncryptionConfiguration", "nars").inputs
        .rules;
    expect(await rules()).toEqual([
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
        bucketKeyEnabled: false,
        blockedEncryptionTypes: ["SSE-C"],
      },
    ]);
    expect(await rules({ kmsKeyArn })).toEqual([
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn },
        bucketKeyEnabled: true,
        blockedEncryptionTypes: ["SSE-C"],
      },
    ]);
  });

  test("each role is named after its bucket, trusts its own pods and opens its own bucket", async () => {
    const recording = await make(onAws(), { preview });
    for (const [account, bucket, resources] of [
      ["attic", "nix-cache", ["arn:aws:s3:::nix-cache/*"]],
      [
        "attic-pg",
        "attic-pg-backup",
        ["arn:aws:s3:::attic-pg-backup/attic-pg/*", "arn:aws:s3:::attic-pg-backup"],
      ],
    ] as const) {
      expect(find(recording, "Role", account).inputs).toMatchObject({ name: bucket, path: "/attic/" });
      const [trust] = policy(recording, "Role", account, "assumeRolePolicy").Statement;
      expect(trust.Condition.StringEquals["oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:sub"]).toEqual([
        `system:serviceaccount:nix-cache:${account}`,
      ]);
      const access = policy(recording, "RolePolicy", account).Statement as { Resource: string[] }[];
      expect(access.flatMap(({ Resource }) => Resource)).toEqual(resources);
    }
  });

  test("no role may use KMS where no key is configured", async () => {
    const text = async (more?: object) => JSON.stringify(await make(onAws(more), { preview }));
    expect(await text()).not.toContain("kms:");
    expect(await text({ kmsKeyArn })).toContain("kms:GenerateDataKey");
  });

  test("nothing is made in another account or region than the cluster's and the configured one", async () => {
    const { inputs } = find(await make(onAws(), { preview }), "aws", "object-store");
    expect(inputs).toMatchObject({ region: "eu-central-1", allowedAccountIds: '["123456789012"]' });
  });
});

describe("the roles on AWS", () => {
  test("are known to whoever annotates the ServiceAccounts", async () => {
    expect((await make(onAws())).outputs).toMatchObject({
      atticRoleArn: "arn:aws:iam::123456789012:role/attic/nix-cache",
      databaseRoleArn: "arn:aws:iam::123456789012:role/attic/attic-pg-backup",
    });
  });

  test("trust as many ServiceAccounts as use the bucket", async () => {
    const recording = await make(onAws(), {
      serviceAccounts: ["attic", "attic-gc"],
      databaseServiceAccounts: ["attic-pg-2"],
    });
    const subjects = (role: string) =>
      policy(recording, "Role", role, "assumeRolePolicy").Statement[0].Condition.StringEquals[
        "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:sub"
      ];
    expect(subjects("attic")).toEqual([
      "system:serviceaccount:nix-cache:attic",
      "system:serviceaccount:nix-cache:attic-gc",
    ]);
    expect(subjects("attic-pg")).toEqual(["system:serviceaccount:nix-cache:attic-pg-2"]);
  });

  test("and the buckets are found by the labels of everything else", async () => {
    const recording = await make(onAws());
    for (const [type, name] of [
      ["Bucket", "backups"],
      ["Role", "attic-pg"],
    ] as const) {
      expect(find(recording, type, name).inputs.tags).toEqual({
        "app.kubernetes.io/name": "attic-pg",
        "app.kubernetes.io/component": "backups",
        "app.kubernetes.io/part-of": "attic",
        "app.kubernetes.io/managed-by": "pulumi",
      });
    }
  });
});

describe.each([
  ["on AWS", onAws()],
  ["at an endpoint", { database: {}, objectStore: s3({ endpoint, credentials, createBuckets: true }) }],
])("what is kept %s", (_, settings) => {
  const ownResources = async (more: Partial<Settings> = {}) =>
    (await make({ ...settings, ...more })).resources.filter(
      ({ custom, type }) => custom && type !== "pulumi:pulumi:Stack",
    );
  const emptied = (resources: RecordedResource[]) =>
    resources.filter(({ type }) => type === "aws:s3/bucket:Bucket").map(({ inputs }) => inputs.forceDestroy);

  test("is protected to the last setting and role, so that a refused destroy has taken nothing", async () => {
    const resources = await ownResources();
    for (const { protect } of resources) expect(protect).toBe(true);
    expect(emptied(resources)).toEqual([false, false]);
  });

  test("goes with a stack that may be thrown away, with all that is in the buckets", async () => {
    const resources = await ownResources({ deletionProtection: false });
    for (const { protect } of resources) expect(protect).toBe(false);
    expect(emptied(resources)).toEqual([true, true]);
  });
});

describe.each([
  ["in a preview, when nothing is known yet", true],
  ["in an update", false],
])("at an S3-compatible endpoint, %s", (_, preview) => {
  test("buckets that exist are left alone: nothing of AWS is made", async () => {
    const recording = await make({ database: {}, objectStore: s3({ endpoint, credentials }) }, { preview });
    expect(made(recording)).toEqual([]);
    expect(recording.outputs).toEqual({
      bucket: "nix-cache",
      backupBucket: "attic-pg-backup",
      region: "eu-central-1",
      endpoint,
    });
  });

  test("roles that exist are passed on", async () => {
    const roleArn = "arn:aws:iam::123456789012:role/attic";
    const databaseRole = "arn:aws:iam::123456789012:role/attic-pg";
    const settings = { objectStore: s3({ roleArn }), database: { cloudNativePg: { roleArn: databaseRole } } };
    const { outputs } = await make(settings, { preview });
    expect(outputs).toMatchObject({ atticRoleArn: roleArn, databaseRoleArn: databaseRole });
  });

  test("buckets are made when that is asked for, and nothing around them", async () => {
    const objectStore = s3({ endpoint, credentials, createBuckets: true });
    expect(made(await make({ database: {}, objectStore }, { preview }))).toEqual([
      "Bucket backups",
      "Bucket nars",
      "Provider object-store",
    ]);
    expect(made(await make({ database: external, objectStore }, { preview }))).toEqual([
      "Bucket nars",
      "Provider object-store",
    ]);
  });

  test("the provider asks that endpoint alone, and AWS nothing", async () => {
    const objectStore = s3({ endpoint, credentials, createBuckets: true });
    const { inputs } = find(await make({ objectStore }, { preview }), "aws", "object-store");
    expect(inputs).toMatchObject({
      endpoints: JSON.stringify([{ s3: endpoint }]),
      s3UsePathStyle: "true",
      skipCredentialsValidation: "true",
      skipMetadataApiCheck: "true",
      skipRegionValidation: "true",
      skipRequestingAccountId: "true",
    });
  });

  test("the access keys are secrets", async () => {
    const objectStore = s3({ endpoint, credentials, createBuckets: true });
    const recording = await make({ objectStore }, { preview });
    expect(JSON.stringify(recording)).not.toMatch(/AKIAEXAMPLE|wJalrXUtnFEMI/);
    expect(find(recording, "aws", "object-store").inputs).toMatchObject({
      accessKey: "[secret]",
      secretKey: "[secret]",
    });
  });

  test("keys of the environment do where the configuration has none", async () => {
    const objectStore = s3({ endpoint, createBuckets: true });
    const { inputs } = find(await make({ objectStore }, { preview }), "aws", "object-store");
    expect(inputs).not.toHaveProperty("accessKey");
    expect(inputs).not.toHaveProperty("secretKey");
  });
});

test("the same configuration makes the same", async () => {
  expect(await make(onAws({ kmsKeyArn }))).toEqual(await make(onAws({ kmsKeyArn })));
});
