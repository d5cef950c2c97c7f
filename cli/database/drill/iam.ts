import { names } from "../../../components/attic/names.ts";
import {
  type BucketAddress,
  backupAccess,
  bucketArn,
  federation,
  type PolicyDocument,
  type Statement,
  trustPolicy,
} from "../../../components/object-store/policies.ts";
import type { StackConfig } from "../../../config/resolve.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { roleNamespace } from "./scratch.ts";

/** The two documents of a role for restore drills. */
export interface DrillRole {
  /** Who may assume it. */
  trust: PolicyDocument;
  /** What it may do. */
  access: PolicyDocument;
}

const reading = ["s3:GetObject", "s3:ListBucket", "kms:Decrypt"];

/**
 * The role that a drill needs on AWS: it may do what the database's own may, but for everything that writes or deletes.
 * @throws CliError for a stack that is not on AWS
 */
export function drillRoleDocuments({ namespace, objectStore, database }: StackConfig): DrillRole {
  const { provider, aws } = objectStore;
  if (provider !== "aws" || !aws) {
    throw new CliError(
      EXIT.usage,
      "the documents are known for objectStore.provider aws alone",
      "a role of another store: let it read the backups, and trust the ServiceAccount that docs/backups.md names",
    );
  }
  const cluster = federation(aws.oidcProviderArn);
  const { bucket, path } = database.cloudNativePg.backup;
  const address: BucketAddress = { arn: bucketArn(cluster.partition, bucket), kmsKeyArn: aws.kmsKeyArn };
  const own = backupAccess(address, path);
  return {
    trust: trustPolicy(cluster, roleNamespace(namespace), [names.database]),
    access: { ...own, Statement: own.Statement.map(onlyReading) },
  };
}

const onlyReading = (statement: Statement): Statement => ({
  ...statement,
  Action: statement.Action.filter((action) => reading.includes(action)),
});
