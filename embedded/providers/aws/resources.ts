/** Names, ids and ARNs as AWS would form them. */
import { createHash } from "node:crypto";
import type { Props } from "../provider.ts";

export interface Place {
  readonly region: string;
  readonly account: string;
  readonly partition: string;
}

export interface Identity {
  readonly id: string;
  readonly outputs: Props;
}

interface Shape {
  /** The input that names the resource, chosen automatically when left out. */
  readonly name?: string;
  /** Inputs that can't change in place, besides the name. */
  readonly fixed?: readonly string[];
  identify?(inputs: Props, place: Place, unique: string): Identity;
}

const SHAPES: Record<string, Shape> = {
  "s3/bucket:Bucket": { name: "bucket", identify: bucket },
  "s3/bucketV2:BucketV2": { name: "bucket", identify: bucket },
  "s3/bucketObject:BucketObject": { fixed: ["bucket", "key"], identify: object },
  "s3/bucketObjectv2:BucketObjectv2": { fixed: ["bucket", "key"], identify: object },
  "iam/role:Role": { name: "name", fixed: ["path"], identify: iam("role", "AROA") },
  "iam/user:User": { name: "name", identify: iam("user", "AIDA") },
  "iam/group:Group": { name: "name", identify: iam("group", "AGPA") },
  "iam/instanceProfile:InstanceProfile": {
    name: "name",
    fixed: ["path"],
    identify: iam("instance-profile", "AIPA"),
  },
  "iam/policy:Policy": { name: "name", fixed: ["path", "description"], identify: policy },
  "iam/rolePolicy:RolePolicy": { name: "name", fixed: ["role"], identify: inline("role") },
  "iam/userPolicy:UserPolicy": { name: "name", fixed: ["user"], identify: inline("user") },
  "iam/rolePolicyAttachment:RolePolicyAttachment": {
    fixed: ["role", "policyArn"],
    identify: ({ role, policyArn }) => ({ id: `${String(role)}/${String(policyArn)}`, outputs: {} }),
  },
  "iam/openIdConnectProvider:OpenIdConnectProvider": { fixed: ["url"], identify: openIdConnect },
  "kms/key:Key": { identify: key },
  "kms/alias:Alias": { fixed: ["name"], identify: alias },
};

function shapeOf(type: string): Shape {
  const known = SHAPES[type.replace(/^aws:/, "")];
  if (known !== undefined) return known;
  // A bucket's policy, versioning, lifecycle and so on go by the bucket's name.
  return type.startsWith("aws:s3/") ? { fixed: ["bucket"] } : {};
}

/** The inputs whose change replaces a resource of this type. */
export function replacementKeys(type: string): string[] {
  const { name, fixed = [] } = shapeOf(type);
  const names = name === undefined ? ["name", "namePrefix"] : [name, `${name}Prefix`];
  return [...names, ...fixed];
}

/** Adds a name where the program gives none: kept from before, else the logical name and seven hexadecimal digits. */
export function autoname(
  type: string,
  logicalName: string,
  olds: Props,
  news: Props,
  seed: Uint8Array,
): Props {
  const { name } = shapeOf(type);
  if (name === undefined || news[name] !== undefined) return news;
  const prefix = news[`${name}Prefix`] ?? `${logicalName}-`;
  const kept = olds[name];
  if (typeof kept === "string" && kept.startsWith(String(prefix))) return { ...news, [name]: kept };
  const digits = createHash("sha256").update(seed).update(type).update(logicalName).digest("hex").slice(0, 7);
  return { ...news, [name]: `${String(prefix)}${digits}` };
}

/** A resource's id and computed outputs. `id` is the one it has, when it is only updated. */
export function identify(
  { type, urn, name }: { type: string; urn: string; name: string },
  inputs: Props,
  place: Place,
  id?: string,
): Identity {
  const unique = createHash("sha256").update(urn).digest("hex");
  const identity =
    shapeOf(type).identify?.(inputs, place, unique) ?? generic(type, name, inputs, place, unique);
  return { id: id ?? identity.id, outputs: identity.outputs };
}

function generic(type: string, logicalName: string, inputs: Props, place: Place, unique: string): Identity {
  const [, module = "", kind = ""] = type.split(":");
  const service = module.split("/")[0] ?? "";
  const given = [inputs.bucket, inputs.name].find((value) => typeof value === "string");
  const id = given === undefined ? `${logicalName}-${unique.slice(0, 8)}` : String(given);
  if (service === "s3") return { id, outputs: {} };
  return { id, outputs: { arn: regional(place, service, `${kind.toLowerCase()}/${id}`) } };
}

function regional({ partition, region, account }: Place, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

function bucket({ bucket: given }: Props, { partition, region }: Place): Identity {
  const id = String(given);
  return {
    id,
    outputs: {
      arn: `arn:${partition}:s3:::${id}`,
      bucketDomainName: `${id}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${id}.s3.${region}.amazonaws.com`,
      bucketRegion: region,
      region,
    },
  };
}

function object({ bucket: holder, key: path }: Props, { partition }: Place): Identity {
  return { id: String(path), outputs: { arn: `arn:${partition}:s3:::${String(holder)}/${String(path)}` } };
}

function iamArn({ partition, account }: Place, kind: string, { path = "/", name }: Props): string {
  return `arn:${partition}:iam::${account}:${kind}${String(path)}${String(name)}`;
}

function iam(kind: string, prefix: string) {
  return (inputs: Props, place: Place, unique: string): Identity => ({
    id: String(inputs.name),
    outputs: {
      arn: iamArn(place, kind, inputs),
      uniqueId: prefix + unique.slice(0, 17).toUpperCase(),
      path: "/",
    },
  });
}

function policy(inputs: Props, place: Place, unique: string): Identity {
  const arn = iamArn(place, "policy", inputs);
  return { id: arn, outputs: { arn, policyId: `ANPA${unique.slice(0, 17).toUpperCase()}`, path: "/" } };
}

function inline(holder: string) {
  return (inputs: Props): Identity => ({
    id: `${String(inputs[holder])}:${String(inputs.name)}`,
    outputs: {},
  });
}

function openIdConnect({ url }: Props, { partition, account }: Place): Identity {
  const arn = `arn:${partition}:iam::${account}:oidc-provider/${String(url).replace(/^https:\/\//, "")}`;
  return { id: arn, outputs: { arn } };
}

function key(_: Props, place: Place, unique: string): Identity {
  const id = unique.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  return { id, outputs: { keyId: id, arn: regional(place, "kms", `key/${id}`) } };
}

function alias({ name, targetKeyId }: Props, place: Place): Identity {
  const id = String(name);
  const target = String(targetKeyId);
  const targetKeyArn = target.startsWith("arn:") ? target : regional(place, "kms", `key/${target}`);
  return { id, outputs: { arn: regional(place, "kms", id), targetKeyArn } };
}
