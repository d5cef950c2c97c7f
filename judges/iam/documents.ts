import type { RecordedResource, Recording } from "../../render/record.ts";

/** A role that the program makes. */
export interface EmittedRole {
  /** Name and path, as in an ARN after `role`. */
  path: string;
  /** Who may assume it. */
  trust: object;
  /** What it may do. */
  permissions: object;
}

/** The policies that a stack makes: roles by the resource's name, what buckets refuse by the bucket's name. */
export interface EmittedPolicies {
  roles: Record<string, EmittedRole>;
  buckets: Record<string, object>;
}

/** The IAM documents among what a program makes. */
export function emittedPolicies({ resources }: Recording): EmittedPolicies {
  const of = (type: string) => resources.filter((resource) => resource.type === type);
  const permissions = new Map(
    of("aws:iam/rolePolicy:RolePolicy").map((resource) => [resource.name, parsed(resource, "policy")]),
  );
  const roles = of("aws:iam/role:Role").map((role): [string, EmittedRole] => [
    role.name,
    {
      path: `${role.inputs.path}${role.inputs.name}`,
      trust: parsed(role, "assumeRolePolicy"),
      permissions: permissions.get(role.name) ?? {},
    },
  ]);
  const buckets = of("aws:s3/bucketPolicy:BucketPolicy").map((resource) => [
    resource.inputs.bucket as string,
    parsed(resource, "policy"),
  ]);
  return { roles: Object.fromEntries(roles), buckets: Object.fromEntries(buckets) };
}

const parsed = ({ inputs }: RecordedResource, field: string) => JSON.parse(inputs[field] as string) as object;
