/** Fields that can't change in place: a difference there replaces the object. */
import { asReplacement } from "../diff-values.ts";
import { type PathSegment, parsePath } from "../property-path.ts";
import type { DiffKind, Props } from "../provider.ts";
import type { ApiError } from "./api.ts";
import type { Settings } from "./config.ts";
import type { Gvk } from "./object.ts";

const POD_EXCEPT = ["activeDeadlineSeconds", "containers", "initContainers", "tolerations"];

/** Per group and kind, the property paths known to be immutable: the official provider's list. */
const IMMUTABLE: Record<string, readonly string[]> = {
  "/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "/ResourceQuota": ["spec.scopes"],
  "/Secret": ["type"],
  "/Service": ["spec.clusterIP"],
  "apps/DaemonSet": ["spec.selector"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/Job": ["spec.completions", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

const IDENTITY = ["kind", "metadata.name", "metadata.namespace"];

/** Adds replacement to the differences that make it another object. */
export function markIdentity(diff: Record<string, DiffKind>): Record<string, DiffKind> {
  const paths = IDENTITY.map(parsePath);
  return mark(diff, (path) => paths.some((identity) => overlaps(identity, path)));
}

/** Adds replacement to the differences that need it. */
export function markImmutable(
  diff: Record<string, DiffKind>,
  gvk: Gvk,
  oldInputs: Props,
  settings: Settings,
): Record<string, DiffKind> {
  const paths = [
    ...IDENTITY,
    ...(IMMUTABLE[`${gvk.group}/${gvk.kind}`] ?? []),
    ...mutableByChoice(gvk, oldInputs, settings),
  ].map(parsePath);
  return mark(diff, (path) => paths.some((immutable) => overlaps(immutable, path)) || isPodField(gvk, path));
}

/**
 * Pods that run keep what they read at start, so by default new contents mean a new object, as with the official
 * provider; the provider's settings allow changes in place.
 */
function mutableByChoice({ group, kind }: Gvk, oldInputs: Props, settings: Settings): string[] {
  if (group !== "") return [];
  const fixed = oldInputs.immutable === true;
  if (kind === "ConfigMap" && (fixed || !settings.enableConfigMapMutable)) return ["data", "binaryData"];
  if (kind === "Secret" && (fixed || !settings.enableSecretMutable)) return ["data", "stringData"];
  return [];
}

function isPodField({ group, kind }: Gvk, path: readonly PathSegment[]): boolean {
  if (group !== "" || kind !== "Pod" || path[0] !== "spec") return false;
  const [, field, , inner] = path;
  if (!POD_EXCEPT.includes(String(field))) return true;
  return /ontainers$/.test(String(field)) && inner !== "image";
}

/** Adds replacement where the API server itself has called a field immutable. */
export function markRefused(
  diff: Record<string, DiffKind>,
  fields: readonly string[],
): Record<string, DiffKind> {
  const refused = fields.map(parsePath);
  const marked = mark(diff, (path) => refused.some((field) => overlaps(field, path)));
  if (Object.values(marked).some((kind) => kind.endsWith("-replace"))) return marked;
  // The server blames a field the program does not set: a default that follows from one it does.
  return { ...marked, ...Object.fromEntries(fields.map((field) => [field, "update-replace" as const])) };
}

const IMMUTABLE_WORDS =
  /immutable|may not change|can ?not (be )?changed?|may not be (changed|updated)|updates to .* are forbidden/i;

/** The fields a refusal calls immutable; none if it was refused for something else. */
export function immutableFields({ status }: ApiError): string[] {
  if (status.code !== 422) return [];
  return (status.details?.causes ?? [])
    .filter(({ message = "" }) => IMMUTABLE_WORDS.test(message))
    .map(({ field = "" }) => field)
    .filter((field) => field !== "");
}

function mark(
  diff: Record<string, DiffKind>,
  replaces: (path: PathSegment[]) => boolean,
): Record<string, DiffKind> {
  return Object.fromEntries(
    Object.entries(diff).map(([path, kind]) => [
      path,
      replaces(parsePath(path)) ? asReplacement(kind) : kind,
    ]),
  );
}

/** Whether one path is the other or lies below it. */
function overlaps(left: readonly PathSegment[], right: readonly PathSegment[]): boolean {
  const common = Math.min(left.length, right.length);
  return left.slice(0, common).every((segment, index) => segment === right[index]);
}
