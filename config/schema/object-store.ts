import { z } from "zod";
import { iamRoleArn, s3Bucket, secret, secretKeyRef } from "./primitives.ts";

const aws = z.strictObject({
  /**
   * The ARN of the cluster's OpenID Connect provider in IAM, which the roles of the pods trust.
   * @example "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE"
   */
  oidcProviderArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/.+$/, "the ARN of an OIDC provider in IAM"),
  /**
   * A KMS key that encrypts the buckets; S3's own keys (AES256) when left out.
   * @example "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
   */
  kmsKeyArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:kms:.+:key\/.+$/, "the ARN of a KMS key")
    .optional(),
});

const s3 = z.strictObject({
  /**
   * The endpoint of an S3-compatible store. Clients must reach it too: small NARs are answered with a redirect
   * to it. Leave it out for AWS.
   * @example "https://s3.example.com"
   */
  endpoint: z.url({ protocol: /^https?$/, error: "an http(s) URL" }).optional(),
  /**
   * The Secret that holds the PEM certificate of the authority that signed the endpoint's certificate, in the stack's
   * namespace. Without it, the public authorities are trusted; with it, this one alone.
   * @example { name: object-store-ca, key: ca.crt }
   */
  caSecret: secretKeyRef().optional(),
  /**
   * Makes the buckets at the endpoint, without versions and lifecycle rules; they exist already when false.
   * @default false
   */
  createBuckets: z.boolean().default(false),
  /**
   * The IAM role that Attic's pods assume (IRSA), on AWS. Leave it out with `credentials`.
   * @example "arn:aws:iam::123456789012:role/attic"
   */
  roleArn: iamRoleArn().optional(),
  /** Access keys, for stores without IAM roles. */
  credentials: z
    .strictObject({
      /** The key's id. */
      accessKeyId: secret(z.string().min(1)),
      /** The key itself, set with `pulumi config set --secret`. */
      secretAccessKey: secret(z.string().min(1)),
    })
    .optional(),
});

/** The S3 bucket that holds the NARs. */
export const objectStore = z.strictObject({
  /**
   * Where the buckets come from: `aws` makes them and the IAM roles, `s3` is any S3-compatible endpoint.
   * @default "aws"
   */
  provider: z.enum(["aws", "s3"]).default("aws"),
  /**
   * The bucket of the NARs. Moving it later needs an update of the database, which names it for each chunk.
   * @default "nix-cache"
   */
  bucket: s3Bucket().default("nix-cache"),
  /**
   * The buckets' region.
   * @example "eu-central-1"
   */
  region: z.string().min(1),
  /**
   * Days after which objects larger than 128 KiB in the bucket of the NARs move to the Infrequent Access class, on
   * AWS: at least 30, or 0 for never.
   * @default 30
   */
  infrequentAccessAfterDays: z
    .int()
    .refine((days) => days === 0 || days >= 30, "at least 30, as S3 demands, or 0 for never")
    .default(30),
  /**
   * Days for which overwritten and deleted objects can be brought back, on AWS.
   * @default 90
   */
  noncurrentVersionDays: z.int().min(1).default(90),
  /** Buckets and roles on AWS, with `provider: aws`. */
  aws: aws.optional(),
  /** The endpoint, with `provider: s3`. */
  s3: s3
    .refine(({ caSecret, endpoint }) => caSecret === undefined || endpoint?.startsWith("https:"), {
      path: ["caSecret"],
      error: "given with an https endpoint: it is the endpoint's certificate that it vouches for",
    })
    .prefault({}),
});
