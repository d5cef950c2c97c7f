import { z } from "zod";
import { mostSeconds, secondsOf } from "../humantime.ts";

/**
 * Field types that several sections share. Each error message says what is allowed, because a person reads it
 * beside the value that was found (see ../errors.ts).
 */

/** A DNS name without scheme, port or path. */
export const dnsName = () =>
  z
    .string()
    .regex(
      /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/,
      "a lower-case DNS name such as nix-cache.example.com, without scheme, port or path",
    );

/** A Kubernetes object name (RFC 1123 label). */
export const objectName = () =>
  z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
      "a Kubernetes name: lower-case letters, digits and dashes, 63 characters at most",
    );

/** The key of an annotation: a name, with a DNS name and a slash in front where it is somebody's. */
export const annotationKey = () =>
  z
    .string()
    .regex(
      /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/,
      "the key of an annotation, such as service.beta.kubernetes.io/aws-load-balancer-scheme",
    );

/** An https or http URL that ends in a slash, as Attic demands of its endpoints. */
export const endpointUrl = () =>
  z
    .url({ protocol: /^https?$/, error: "an http(s) URL" })
    .endsWith("/", "an http(s) URL that ends in /, as the server demands");

/** A span as the humantime crate reads it: `12h`, `90 days`, `3 months`, `1h 30m`. */
export const humantime = () =>
  z
    .string()
    .regex(
      /^\s*(\d+\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|months?|M|years?|y)\s*)+$/,
      { error: 'a span such as "12h", "90 days" or "3 months", in quotes, never a bare number', abort: true },
    );

/** The same for how long objects are kept: a day at least, no longer than the server can count, or no time at all. */
export const keptFor = () =>
  humantime()
    .refine(
      (span) => secondsOf(span) <= mostSeconds,
      `a span of ${mostSeconds} seconds, about 68 years, at most`,
    )
    .refine(
      (span) => secondsOf(span) === 0 || secondsOf(span) >= secondsOf("1 day"),
      "a span of a day at least: m means minutes, M or months means months",
    );

/**
 * A point in time, at any offset. Pulumi reads one that stands in YAML without quotes as a time and hands it on in Go's
 * own notation, `2027-02-19 09:00:00 +0100 CET`; both come out as RFC 3339.
 */
export const time = () =>
  timeLike(
    /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)| \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} \S+)$/,
    'a time such as "2026-11-20T10:30:00Z"',
  );

/** The same in UTC alone. */
export const utcTime = () =>
  timeLike(
    /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z| \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC)$/,
    'a time in UTC such as "2027-02-19T08:00:00Z"',
  );

const timeLike = (pattern: RegExp, error: string) =>
  z
    .string()
    .regex(pattern, error)
    .transform(rfc3339)
    .pipe(z.iso.datetime({ offset: true, error }));

const rfc3339 = (text: string) =>
  text.replace(/^(\S+) (\S+) ([+-]\d\d)(\d\d) \S+$/, "$1T$2$3:$4").replace(/[+-]00:00$/, "Z");

/** A Kubernetes CPU quantity: whole or thousandth cores. */
export const cpuQuantity = () =>
  z.string().regex(/^(\d+m|\d+(\.\d{1,3})?)$/, 'a CPU quantity such as "100m" or "1.5"');

/** A Kubernetes memory quantity in binary units. */
export const memoryQuantity = () =>
  z.string().regex(/^\d+(Ki|Mi|Gi|Ti)$/, 'a memory quantity such as "512Mi" or "1Gi"');

/** A TCP port. */
export const port = () => z.int("a port number").min(1, "1 to 65535").max(65_535, "1 to 65535");

/** The key of a Secret that exists already, in the stack's namespace. */
export const secretKeyRef = () => z.strictObject({ name: objectName(), key: z.string().min(1) });

/** The name of an S3 bucket. */
export const s3Bucket = () => z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "an S3 bucket name");

/** The ARN of an IAM role. */
export const iamRoleArn = () =>
  z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, "the ARN of an IAM role");

/** Marks a field whose value must be stored encrypted and must never be printed. */
export const secret = <T extends z.ZodType>(type: T): T => type.meta({ secret: true });
