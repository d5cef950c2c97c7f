import { z } from "zod";
import { dnsName, port, secret, secretKeyRef } from "./primitives.ts";

/** The PostgreSQL database that holds Attic's metadata. */
export const database = z.strictObject({
  /**
   * Where the database comes from: `external` is a PostgreSQL that exists already.
   * @default "external"
   */
  provider: z.literal("external").default("external"),
  /**
   * The server's host name. It must be in the server's certificate.
   * @example "attic-pg-rw.nix-cache.svc"
   */
  host: dnsName(),
  /**
   * The server's port.
   * @default 5432
   */
  port: port().default(5432),
  /**
   * The database's name.
   * @default "attic"
   */
  name: z.string().min(1).default("attic"),
  /**
   * The role that owns the database.
   * @default "attic"
   */
  user: z.string().min(1).default("attic"),
  /**
   * The role's password, set with `pulumi config set --secret --path attic:database.password`. Leave it out
   * when `passwordSecret` names a Secret that exists.
   */
  password: secret(z.string().min(1)).optional(),
  /**
   * The Secret that holds the role's password already, in the stack's namespace.
   * @example { name: attic-pg-app, key: password }
   */
  passwordSecret: secretKeyRef().optional(),
  /**
   * The Secret that holds the PEM certificate of the authority that signed the server's certificate. Without
   * it, Mozilla's roots alone are trusted.
   * @example { name: attic-pg-ca, key: ca.crt }
   */
  caSecret: secretKeyRef().optional(),
  /**
   * `verify-full` checks the server's certificate and name. `require` encrypts but checks nothing. `disable`
   * is for tests. The server panics on `verify-ca`, so it is not offered.
   * @default "verify-full"
   */
  sslMode: z.enum(["verify-full", "require", "disable"]).default("verify-full"),
  /**
   * The server's max_connections. Each Attic process opens up to 10, which cannot be configured, and the
   * autoscaler's maximum must fit.
   * @default 200
   */
  maxConnections: z.int().min(20).default(200),
  /**
   * Sends a query once a minute, for servers that close idle connections.
   * @default false
   */
  heartbeat: z.boolean().default(false),
});

/** The S3 bucket that holds the NARs. */
export const objectStore = z.strictObject({
  /**
   * Where the bucket comes from: `s3` is a bucket that exists already, on AWS or any S3-compatible endpoint.
   * @default "s3"
   */
  provider: z.literal("s3").default("s3"),
  /**
   * The bucket's name.
   * @example "nix-cache"
   */
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "an S3 bucket name"),
  /**
   * The bucket's region.
   * @example "eu-central-1"
   */
  region: z.string().min(1),
  /**
   * The endpoint of an S3-compatible store. Clients must reach it too: small NARs are answered with a
   * redirect to it. Leave it out for AWS.
   * @example "https://s3.example.com"
   */
  endpoint: z.url({ protocol: /^https?$/, error: "an http(s) URL" }).optional(),
  /**
   * The IAM role that the pods' ServiceAccount assumes (IRSA). Leave it out with `credentials`.
   * @example "arn:aws:iam::123456789012:role/attic"
   */
  roleArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, "the ARN of an IAM role")
    .optional(),
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
