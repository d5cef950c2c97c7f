import { longestGap } from "../cron.ts";
import type { ParsedSettings } from "../schema/index.ts";
import { type Rule, unless } from "./rule.ts";

/** Rules over the database, its backups and the object store. */
export const data: Rule[] = [
  {
    needs: ["database.provider"],
    at: "database.external",
    says: "is there with `provider: external`, and only then",
    check: ({ database }) =>
      unless(
        (database.provider === "external") === (database.external !== undefined),
        database.provider === "external"
          ? "is required with provider external: at least a host, and password or passwordSecret"
          : "goes with provider external; this stack's provider is cloudNativePg",
      ),
  },
  {
    needs: ["database.external"],
    at: "database.external",
    says: "has either `password` or `passwordSecret`",
    check: ({ database: { external } }) =>
      unless(
        !external || (external.password === undefined) !== (external.passwordSecret === undefined),
        "needs exactly one of password (a secret of this stack) and passwordSecret (a Secret that exists)",
      ),
  },
  {
    needs: ["database.cloudNativePg.backup.bucket", "objectStore.bucket"],
    at: "database.cloudNativePg.backup.bucket",
    says: "is another bucket than `objectStore.bucket`",
    check: ({ database, objectStore }) =>
      unless(
        database.cloudNativePg.backup.bucket !== objectStore.bucket,
        "must not be the bucket of the NARs: one mistake there would take both",
      ),
  },
  {
    needs: ["database.cloudNativePg"],
    at: "database.cloudNativePg.restore",
    says: "needs `backup.enabled`, a `serverName` other than `from`, and at most one of `targetTime` and `targetName`",
    check: ({ database: { cloudNativePg } }) => {
      const { restore, backup } = cloudNativePg;
      if (!restore) return undefined;
      if (!backup.enabled) return "needs backup.enabled: the backups are what it starts from";
      if (restore.from === restore.serverName) {
        return "needs a serverName other than from: a restored database must not write into the archive it came from";
      }
      return unless(
        restore.targetTime === undefined || restore.targetName === undefined,
        "takes targetTime or targetName, not both",
      );
    },
  },
  {
    needs: ["objectStore.provider", "objectStore.aws"],
    at: "objectStore.aws",
    says: "is there with `provider: aws`, and only then",
    check: ({ objectStore }) =>
      unless(
        (objectStore.provider === "aws") === (objectStore.aws !== undefined),
        objectStore.provider === "aws"
          ? "is required with provider aws: at least oidcProviderArn"
          : "goes with provider aws; this stack's provider is s3",
      ),
  },
  {
    needs: ["objectStore.region", "objectStore.aws"],
    at: "objectStore.aws.kmsKeyArn",
    says: "is a key in `objectStore.region`",
    check: ({ objectStore: { region, aws } }) => {
      const keyRegion = aws?.kmsKeyArn?.split(":")[3] ?? region;
      return unless(
        keyRegion === region,
        `must be a key in the buckets' region, ${region}: S3 uses no other, and says so at the first upload only`,
      );
    },
  },
  {
    needs: ["objectStore.provider", "objectStore.s3"],
    at: "objectStore.s3",
    says: "goes with `provider: s3` alone",
    check: ({ objectStore: { provider, s3 } }) =>
      unless(
        provider === "s3" || !(s3.endpoint || s3.createBuckets || s3.roleArn || s3.credentials),
        "goes with provider s3; this stack's provider is aws",
      ),
  },
  {
    needs: ["objectStore.s3"],
    at: "objectStore.s3.createBuckets",
    says: "needs `objectStore.s3.endpoint`",
    check: ({ objectStore: { s3 } }) =>
      unless(
        !s3.createBuckets || s3.endpoint !== undefined,
        "needs an endpoint to make them at; buckets on AWS are made with provider aws",
      ),
  },
  {
    needs: ["objectStore.provider", "database.cloudNativePg.roleArn"],
    at: "database.cloudNativePg.roleArn",
    says: "goes with `objectStore.provider: s3` alone; with `aws` the stack makes the role",
    check: ({ objectStore, database }) =>
      unless(
        objectStore.provider === "s3" || database.cloudNativePg.roleArn === undefined,
        "goes with objectStore.provider s3; with aws, the stack makes the role itself",
      ),
  },
  {
    needs: ["objectStore.s3"],
    at: "objectStore.s3",
    says: "has at most one of `roleArn` and `credentials`",
    check: ({ objectStore: { s3 } }) =>
      unless(
        s3.roleArn === undefined || s3.credentials === undefined,
        "takes roleArn or credentials, not both: access keys would hide the role",
      ),
  },
  {
    needs: ["objectStore", "database.provider", "database.cloudNativePg"],
    at: "database.cloudNativePg.backup",
    says: "has a way into its bucket, unless it is off or the database is external: `objectStore.provider: aws`, `objectStore.s3.credentials` or `database.cloudNativePg.roleArn`",
    check: ({ objectStore, database: { provider, cloudNativePg } }) =>
      unless(
        provider === "external" ||
          !cloudNativePg.backup.enabled ||
          objectStore.provider === "aws" ||
          objectStore.s3.credentials !== undefined ||
          cloudNativePg.roleArn !== undefined,
        "has no way into its bucket: give objectStore.s3.credentials or database.cloudNativePg.roleArn, or set enabled: false",
      ),
  },
  schedule("database.cloudNativePg.backup.schedule", (all) => all.database.cloudNativePg.backup.schedule),
  schedule("garbageCollection.schedule", (all) => all.garbageCollection.schedule),
];

/** A schedule must be one that runs: alerts are reckoned from how often it does. */
function schedule(at: string, of: (settings: ParsedSettings) => string): Rule {
  return {
    needs: [at],
    at,
    says: "is a schedule that runs at some time",
    check: (settings) => {
      try {
        longestGap(of(settings));
        return undefined;
      } catch (error) {
        return `must be a schedule that runs: ${(error as Error).message}`;
      }
    },
  };
}
