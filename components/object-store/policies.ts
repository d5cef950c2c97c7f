/** A statement of an IAM policy. */
export interface Statement {
  Sid: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | { Federated: string };
  Action: string[];
  Resource?: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** An IAM policy, as AWS takes it. */
export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: Statement[];
}

/** A bucket as policies name it. */
export interface BucketAddress {
  arn: string;
  /** The KMS key that encrypts it; S3's own keys when left out. */
  kmsKeyArn?: string;
}

/** Where IAM's resources are, and whose tokens it believes: all of it stands in the OIDC provider's ARN. */
export interface Federation {
  oidcProviderArn: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  /** The account of the OIDC provider; roles that trust it must be in the same. */
  account: string;
  /** The cluster's issuer, without `https://`. */
  issuer: string;
}

/** Takes the ARN of an OIDC provider apart; the configuration's schema has checked its form. */
export function federation(oidcProviderArn: string): Federation {
  const found = oidcProviderArn.match(/^arn:([^:]+):iam::(\d+):oidc-provider\/(.+)$/);
  const [, partition = "", account = "", issuer = ""] = found ?? [];
  return { oidcProviderArn, partition, account, issuer };
}

/** The ARN of a bucket. */
export const bucketArn = (partition: string, bucket: string) => `arn:${partition}:s3:::${bucket}`;

/**
 * Who may assume a role: the pods of these ServiceAccounts and nobody else. The audience is the one that EKS puts
 * into the pods' tokens; without it, a token of the same ServiceAccount for some other service would do as well.
 */
export function trustPolicy(
  { oidcProviderArn, issuer }: Federation,
  namespace: string,
  serviceAccounts: readonly string[],
): PolicyDocument {
  return document({
    Sid: "Pods",
    Effect: "Allow",
    Principal: { Federated: oidcProviderArn },
    Action: ["sts:AssumeRoleWithWebIdentity"],
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: "sts.amazonaws.com",
        [`${issuer}:sub`]: serviceAccounts.map((name) => `system:serviceaccount:${namespace}:${name}`),
      },
    },
  });
}

/**
 * What Attic does with its bucket: it writes, reads and deletes objects whose keys its database knows, and gives up
 * multipart uploads that failed. It never lists.
 */
export function narAccess(bucket: BucketAddress): PolicyDocument {
  return document(objects(bucket, ""), ...encryption(bucket));
}

/** What barman-cloud does with the backups below a path (`attic-pg/`): the same, and it finds them by listing. */
export function backupAccess(bucket: BucketAddress, path: string): PolicyDocument {
  return document(objects(bucket, path), listing(bucket, path), ...encryption(bucket));
}

/**
 * What a bucket refuses to everybody, whatever their own policies allow: plain HTTP, TLS before 1.2, and with a
 * KMS key, objects that ask to be encrypted some other way. A request that asks for nothing is not refused: the
 * bucket then encrypts as it is configured, and neither Attic nor barman-cloud asks.
 */
export function bucketPolicy({ arn, kmsKeyArn }: BucketAddress): PolicyDocument {
  const deny = (
    Sid: string,
    Condition: Statement["Condition"],
    Action: string,
    Resource: string[],
  ): Statement => ({ Sid, Effect: "Deny", Principal: "*", Action: [Action], Resource, Condition });
  const all = [arn, `${arn}/*`];
  // A negated condition holds for a header that is not there, too; `Null` asks that it is.
  const otherThan = (header: string, value: string) => ({
    Null: { [header]: "false" },
    StringNotEquals: { [header]: value },
  });
  const encrypted = "s3:x-amz-server-side-encryption";
  return document(
    deny("PlainHttp", { Bool: { "aws:SecureTransport": "false" } }, "s3:*", all),
    deny("OldTls", { NumericLessThan: { "s3:TlsVersion": "1.2" } }, "s3:*", all),
    ...(kmsKeyArn
      ? [
          deny("OtherEncryption", otherThan(encrypted, "aws:kms"), "s3:PutObject", [`${arn}/*`]),
          deny("OtherKey", otherThan(`${encrypted}-aws-kms-key-id`, kmsKeyArn), "s3:PutObject", [`${arn}/*`]),
        ]
      : []),
  );
}

const document = (...Statement: Statement[]): PolicyDocument => ({ Version: "2012-10-17", Statement });

function objects({ arn }: BucketAddress, path: string): Statement {
  return {
    Sid: "Objects",
    Effect: "Allow",
    // PutObject is every step of a multipart upload but giving it up.
    Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
    Resource: [`${arn}/${path}*`],
  };
}

function listing({ arn }: BucketAddress, path: string): Statement {
  return {
    Sid: "List",
    Effect: "Allow",
    Action: ["s3:ListBucket"],
    Resource: [arn],
    // IfExists, because barman-cloud asks first whether the bucket is there (HeadBucket). That needs this same
    // permission and names no prefix; refused, no write-ahead log would be archived.
    Condition: { StringLikeIfExists: { "s3:prefix": `${path}*` } },
  };
}

/** The key, for the objects of this bucket alone: both buckets may share it, their readers may not. */
function encryption({ arn, kmsKeyArn }: BucketAddress): Statement[] {
  if (!kmsKeyArn) return [];
  return [
    {
      Sid: "Encryption",
      Effect: "Allow",
      // Decrypt for writing too: S3 reads the parts of a multipart upload to put them together.
      Action: ["kms:GenerateDataKey", "kms:Decrypt"],
      Resource: [kmsKeyArn],
      // S3 names the bucket when it works with a bucket key, and the object when it does not.
      Condition: { StringLike: { "kms:EncryptionContext:aws:s3:arn": [arn, `${arn}/*`] } },
    },
  ];
}
