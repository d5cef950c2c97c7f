import { z } from "zod";
import {
  dnsName,
  iamRoleArn,
  memoryQuantity,
  objectName,
  port,
  s3Bucket,
  secret,
  secretKeyRef,
  time,
} from "./primitives.ts";
import { amounts } from "./resources.ts";

const external = z.strictObject({
  /**
   * The server's host name. It must be in the server's certificate.
   * @example "db.example.com"
   */
  host: dnsName(),
  /**
   * The server's port.
   * @default 5432
   */
  port: port().default(5432),
  /**
   * The role's password, set with `pulumi config set --secret --path attic:database.external.password`. Leave it
   * out when `passwordSecret` names a Secret that exists.
   */
  password: secret(z.string().min(1)).optional(),
  /**
   * The Secret that holds the role's password already, in the stack's namespace.
   * @example { name: database, key: password }
   */
  passwordSecret: secretKeyRef().optional(),
  /**
   * The Secret that holds the PEM certificate of the authority that signed the server's certificate. Without
   * it, Mozilla's roots alone are trusted.
   * @example { name: database-ca, key: ca.crt }
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
});

const storage = z.strictObject({
  /**
   * Size of each instance's volume. It can grow later, never shrink.
   * @default "10Gi"
   */
  size: memoryQuantity().default("10Gi"),
  /**
   * The volumes' StorageClass; the cluster's default when left out.
   * @example "gp3"
   */
  storageClass: objectName().optional(),
});

const resources = z.strictObject({
  /**
   * What the scheduler reserves for each instance.
   * @default 250m CPU, 512Mi memory
   */
  requests: amounts("250m", "512Mi"),
  /**
   * What an instance may use at most.
   * @default 1000m CPU, 1Gi memory
   */
  limits: amounts("1000m", "1Gi"),
});

const backup = z.strictObject({
  /**
   * Whether write-ahead logs and full backups go to the object store. Needs the Barman Cloud plugin.
   * @default true
   */
  enabled: z.boolean().default(true),
  /**
   * The bucket of the backups; never the one of the NARs.
   * @default "attic-pg-backup"
   */
  bucket: s3Bucket().default("attic-pg-backup"),
  /**
   * The folder in the bucket, with a slash at its end.
   * @default "attic-pg/"
   */
  path: z
    .string()
    .regex(/^([\w.-]+\/)+$/, 'a path such as "attic-pg/", with a slash at its end')
    .default("attic-pg/"),
  /**
   * The name under which the database archives, where it changes: set a new one together with the image of another
   * major version, whose logs must not join those of the old one. Otherwise the database keeps the name that it was
   * made with.
   * @example "attic-pg-18"
   */
  serverName: objectName().optional(),
  /**
   * When full backups start: cron with six fields, the first being seconds. Times are UTC.
   * @default "0 0 0 * * *"
   */
  schedule: z
    .string()
    .regex(/^\S+( \S+){5}$/, 'six fields, seconds first: "0 0 0 * * *" is daily at midnight')
    .default("0 0 0 * * *"),
  /**
   * How long backups, and the write-ahead logs that go with them, are kept.
   * @default "30d"
   */
  retention: z
    .string()
    .regex(/^[1-9]\d*[dwm]$/, 'days, weeks or months, such as "30d"')
    .default("30d"),
  /**
   * The IAM role by which the database of a restore drill reads the backups, where the instances have a role: one that
   * may only read, and that trusts the ServiceAccount `attic-pg` of the namespace `<namespace>-drill`.
   * `atticctl db drill --print-iam` prints its documents.
   * @example "arn:aws:iam::123456789012:role/attic-pg-drill"
   */
  drillRoleArn: iamRoleArn().optional(),
});

const restore = z
  .strictObject({
    /**
     * The server name under which the backups were archived: the database's name then, `attic-pg` the first time.
     * @example "attic-pg"
     */
    from: objectName(),
    /**
     * The name under which the restored database archives from now on. It must be a new one: the old archive is
     * what a second attempt starts from. Like all of `restore` it is read when the database is made, and stays
     * with it after `restore` is taken out of the file.
     * @example "attic-pg-2"
     */
    serverName: objectName(),
    /**
     * The moment to restore to, RFC 3339. The newest state when neither this nor `targetName` is given.
     * @example "2026-11-20T10:30:00Z"
     */
    targetTime: time().optional(),
    /**
     * A restore point that was made with pg_create_restore_point. Needs `backupId`.
     * @example "before-migration"
     */
    targetName: z.string().min(1).optional(),
    /**
     * The backup to start from: status.backupId of a Backup. Left out, it is the newest one, or the newest one
     * before `targetTime`. A restore point has no time to choose by, so `targetName` needs it.
     * @example "20261120T000000"
     */
    backupId: z
      .string()
      .regex(/^\d{8}T\d{6}$/, 'the id of a backup, such as "20261120T000000"')
      .optional(),
  })
  .refine(
    ({ targetName, targetTime, backupId }) =>
      !targetName || targetTime !== undefined || backupId !== undefined,
    {
      path: ["targetName"],
      error: "given with backupId: a restore point alone does not say which backup to start from",
    },
  );

const cloudNativePg = z.strictObject({
  /**
   * Whether an update waits until the database is ready, and so whether migrations start only then. False where no
   * operator runs, as on the embedded control plane.
   * @default true
   */
  awaitReady: z.boolean().default(true),
  /**
   * Instances: a primary and its replicas, each on a node of its own.
   * @default 3
   */
  instances: z.int().min(1).max(9).default(3),
  /**
   * PostgreSQL's image, with a tag that names version and build: the operator reads the version from it, and refuses
   * an image by digest alone. A digest may follow the tag.
   * @default "ghcr.io/cloudnative-pg/postgresql:17.5-minimal-bookworm"
   */
  image: z
    .string()
    .regex(
      /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+(:\d+\.\d+[\w.-]*)(@sha256:[0-9a-f]{64})?$/,
      "an image with an exact version, such as ghcr.io/cloudnative-pg/postgresql:17.5-minimal-bookworm; a digest may follow",
    )
    .default("ghcr.io/cloudnative-pg/postgresql:17.5-minimal-bookworm"),
  /** The instances' volumes. */
  storage: storage.prefault({}),
  /** Requests and limits of each instance. */
  resources: resources.prefault({}),
  /**
   * What no two instances share: a node, or a whole zone (which needs as many zones as instances).
   * @default "nodes"
   */
  spreadOver: z.enum(["nodes", "zones"]).default("nodes"),
  /**
   * PostgreSQL's max_connections. What Attic can open at the autoscaler's maximum must fit; that much when left
   * out.
   * @example 200
   */
  maxConnections: z.int().min(20).optional(),
  /**
   * The IAM role that the instances assume to reach the backups (IRSA), where the object store does not make one.
   * @example "arn:aws:iam::123456789012:role/attic-pg"
   */
  roleArn: iamRoleArn().optional(),
  /** Backups to the object store. */
  backup: backup.prefault({}),
  /** Starts the database from a backup instead of empty. */
  restore: restore.optional(),
});

/** The PostgreSQL database that holds Attic's metadata. */
export const database = z.strictObject({
  /**
   * Where the database comes from: `cloudNativePg` is a cluster of this stack, `external` one that exists already.
   * @default "cloudNativePg"
   */
  provider: z.enum(["cloudNativePg", "external"]).default("cloudNativePg"),
  /**
   * The database's name. Set it before the first update: a cluster of this stack keeps the one that it was made with.
   * @default "attic"
   */
  name: z
    .string()
    .regex(/^[a-z_][a-z0-9_]*$/, "a lower-case SQL name")
    .default("attic"),
  /**
   * The role that owns the database. Set it before the first update: a cluster of this stack keeps the one that it was
   * made with.
   * @default "attic"
   */
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_]*$/, "a lower-case SQL name")
    .default("attic"),
  /**
   * Sends a query once a minute, for servers that close idle connections.
   * @default false
   */
  heartbeat: z.boolean().default(false),
  /** The cluster, with `provider: cloudNativePg`. */
  cloudNativePg: cloudNativePg
    .refine(({ restore, backup }) => restore === undefined || backup.serverName === undefined, {
      path: ["backup", "serverName"],
      error: "left out with restore, whose own serverName names the new archive",
    })
    .prefault({}),
  /** The server that exists, with `provider: external`. */
  external: external.optional(),
});
