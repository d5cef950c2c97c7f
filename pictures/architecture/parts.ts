import type { others, ours } from "../../judges/network-policies/actors.ts";
import { shortType } from "../../render/paths.ts";
import type { RecordedResource, Recording } from "../../render/record.ts";

/** Where a part is drawn. */
export type Area = "outside" | "namespace" | "cloud" | "state";

/** A box of the picture. */
export interface Part {
  id: string;
  name: string;
  area: Area;
  /** What it is made of, `Type name`, with `*` for any name; nothing where the stack does not make it. */
  of: readonly string[];
  /** Whom the judge of the network policies is asked about in its place. */
  actor?: keyof typeof ours | keyof typeof others;
  /** What is said of it below its name, of what it is made of. */
  says: (made: readonly RecordedResource[]) => string;
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** The inputs of the one resource of a type, as far as the picture tells of them. */
function inputs<T>(made: readonly RecordedResource[], type: string): T {
  const found = made.find((resource) => shortType(resource.type) === type);
  if (!found) throw new Error(`the recording has no ${type} here`);
  return found.inputs as T;
}

const count = (made: readonly RecordedResource[], type: string) =>
  made.filter((resource) => shortType(resource.type) === type).length;

interface Bounds {
  spec: { minReplicas: number; maxReplicas: number };
}

const bucket = (name: string) =>
  [
    "Bucket",
    "BucketLifecycleConfiguration",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
  ].map((type) => `${type} ${name}`);

const bucketName = (made: readonly RecordedResource[]) => inputs<{ bucket: string }>(made, "Bucket").bucket;

/** The boxes, from clients inwards. What the stack makes is in one of them. */
export const parts: readonly Part[] = [
  { id: "clients", name: "Nix and CI jobs", area: "outside", of: [], says: () => "pull and push" },
  { id: "traefik", name: "Traefik", area: "outside", of: [], actor: "Traefik", says: () => "of the cluster" },
  {
    id: "prometheus",
    name: "Prometheus",
    area: "outside",
    of: [],
    actor: "Prometheus",
    says: () => "of the cluster",
  },
  {
    id: "ingress",
    name: "Routes",
    area: "namespace",
    of: ["IngressRoute *", "Middleware *", "TraefikService *", "ServersTransport *", "Certificate *"],
    says: (made) => `${plural(count(made, "TraefikService"), "kind")}`,
  },
  {
    id: "api",
    name: "API",
    area: "namespace",
    of: [
      "Deployment attic",
      "Service attic",
      "ServiceAccount attic",
      "HorizontalPodAutoscaler attic",
      "PodDisruptionBudget attic",
    ],
    actor: "API",
    says: (made) => {
      const { minReplicas, maxReplicas } = inputs<Bounds>(made, "HorizontalPodAutoscaler").spec;
      return `${minReplicas} to ${maxReplicas} replicas`;
    },
  },
  {
    id: "gc",
    name: "Garbage collector",
    area: "namespace",
    of: ["Deployment attic-gc", "ServiceAccount attic-gc"],
    actor: "garbage collector",
    says: (made) =>
      plural(inputs<{ spec: { replicas: number } }>(made, "Deployment").spec.replicas, "replica"),
  },
  {
    id: "migrations",
    name: "Migrations",
    area: "namespace",
    of: ["Job attic-migrate", "ServiceAccount attic-migrate"],
    actor: "migration",
    says: () => "Job per image",
  },
  {
    id: "database",
    name: "PostgreSQL",
    area: "namespace",
    of: ["Cluster attic-pg", "ScheduledBackup attic-pg", "ObjectStore attic-pg", "PodMonitor attic-pg"],
    actor: "database",
    says: (made) =>
      plural(inputs<{ spec: { instances: number } }>(made, "Cluster").spec.instances, "instance"),
  },
  {
    id: "settings",
    name: "Settings",
    area: "namespace",
    of: ["ConfigMap attic-config", "Secret attic-secrets"],
    says: () => "and public key",
  },
  {
    id: "tokens",
    name: "Tokens",
    area: "namespace",
    of: ["Secret attic-ci-tokens", "Stash token-*"],
    says: () => "by a calendar",
  },
  {
    id: "rules",
    name: "Alerts",
    area: "namespace",
    of: ["PrometheusRule *", "ConfigMap attic-dashboard-*"],
    says: (made) => `and ${plural(count(made, "ConfigMap"), "dashboard")}`,
  },
  {
    id: "network",
    name: "Network policies",
    area: "namespace",
    of: ["Namespace *", "NetworkPolicy *"],
    says: (made) => `${count(made, "NetworkPolicy")}; default deny`,
  },
  {
    id: "nars",
    name: "Bucket for NARs",
    area: "cloud",
    of: [...bucket("nars"), "Role attic", "RolePolicy attic"],
    actor: "object store",
    says: bucketName,
  },
  {
    id: "backups",
    name: "Bucket for backups",
    area: "cloud",
    of: [...bucket("backups"), "Role attic-pg", "RolePolicy attic-pg"],
    actor: "object store",
    says: bucketName,
  },
  {
    id: "signingKey",
    name: "Signing key",
    area: "state",
    of: ["PrivateKey signing-key", "Stash signing-key-made"],
    says: () => "never in the cluster",
  },
  {
    id: "cacheKeys",
    name: "Cache keys",
    area: "state",
    of: ["PrivateKey cache-*"],
    says: (made) => plural(made.length, "cache"),
  },
];

const matches = (pattern: string, { type, name }: RecordedResource) => {
  const [wanted, names = ""] = pattern.split(" ");
  return (
    wanted === shortType(type) && (names.endsWith("*") ? name.startsWith(names.slice(0, -1)) : name === names)
  );
};

/** The resources of a recording that a picture shows: components and providers are no things of their own. */
export const shown = ({ resources }: Recording) =>
  resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:providers:"));

/** The part that a resource is in. */
export const partOf = (resource: RecordedResource) =>
  parts.find(({ of }) => of.some((pattern) => matches(pattern, resource)));

/** A part with the resources that it is made of. */
export interface MadePart extends Part {
  made: readonly RecordedResource[];
}

/**
 * The parts with what they are made of.
 * @throws {Error} when the recording lacks something that a part is said to be made of, or has something that is in no part
 */
export function madeParts(recording: Recording): MadePart[] {
  const resources = shown(recording);
  const lost = resources.find((resource) => !partOf(resource));
  if (lost) throw new Error(`${shortType(lost.type)} ${lost.name} is in no part of the picture`);
  return parts.map((part) => {
    const gone = part.of.find((pattern) => !resources.some((resource) => matches(pattern, resource)));
    if (gone) throw new Error(`${part.name} is said to be made of ${gone}, which the program does not make`);
    return { ...part, made: resources.filter((resource) => partOf(resource) === part) };
  });
}
