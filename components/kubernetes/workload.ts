import { type Chart, Duration, Size } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { bytes, millicores } from "../../config/quantity.ts";
import { type Identity, labels } from "./labels.ts";
import { explain, harden, type PodSpec } from "./pod.ts";

/** A value of a container's environment: plain text, or a key of a Secret. */
export type EnvValue = string | { secret: string; key: string };

/** What is mounted into the container, read-only but for empty directories. */
export type Mount = { path: string } & (
  | { configMap: string }
  | { secret: string; keys?: string[] }
  /** An empty directory that may grow to this size, for instance `64Mi`. */
  | { emptyDir: string }
);

/** One container in a pod of its own, whatever runs the pod: a Deployment, a Job or a CronJob. */
export interface WorkloadSpec {
  /** Name of the workload, its container, and its ServiceAccount where it has one of its own. */
  name: string;
  /** The namespace that it runs in. */
  namespace: string;
  /** Its labels. */
  identity: Identity;
  /** The container's image. */
  image: string;
  /** Names of the Secrets to pull it with. */
  imagePullSecrets?: readonly string[];
  /** The command; the image's own entry point when left out. */
  command?: string[];
  /** The command's arguments. */
  args?: string[];
  /** The environment. */
  env?: Record<string, EnvValue>;
  /** What is mounted. `/tmp` needs an entry: the root file system is read-only. */
  mounts?: Mount[];
  /** CPU and memory, as Kubernetes quantities. */
  resources: Record<"requests" | "limits", { cpu: string; memory: string }>;
  /** Seconds from the order to end until the pod is killed. */
  terminationGracePeriodSeconds: number;
  /** User and group id of the process. @default 1000 */
  uid?: number;
}

const uidOf = ({ uid }: WorkloadSpec) => uid ?? 1000;

/** What every pod has, for the constructors of cdk8s-plus; it adds the ServiceAccount to the chart. */
export function podProps(chart: Chart, spec: WorkloadSpec) {
  const uid = uidOf(spec);
  return {
    podMetadata: { labels: labels(spec.identity) },
    serviceAccount: new kplus.ServiceAccount(chart, "service-account", {
      metadata: { name: spec.name, labels: labels(spec.identity) },
      automountToken: false,
    }),
    automountServiceAccountToken: false,
    securityContext: { user: uid, group: uid, fsGroup: uid, ensureNonRoot: true },
    terminationGracePeriod: Duration.seconds(spec.terminationGracePeriodSeconds),
  };
}

/** The workload's container, for the constructors of cdk8s-plus; it adds its volumes to the chart. */
export function containerProps(chart: Chart, spec: WorkloadSpec): kplus.ContainerProps {
  const { requests, limits } = spec.resources;
  return {
    name: spec.name,
    image: spec.image,
    // The image is pinned, so a node that has it need not ask the registry again.
    imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT,
    command: spec.command,
    args: spec.args,
    resources: {
      cpu: {
        request: kplus.Cpu.millis(millicores(requests.cpu)),
        limit: kplus.Cpu.millis(millicores(limits.cpu)),
      },
      memory: { request: size(requests.memory), limit: size(limits.memory) },
    },
    securityContext: { user: uidOf(spec), group: uidOf(spec) },
    envVariables: environment(chart, spec.env ?? {}),
    volumeMounts: (spec.mounts ?? []).map((mount, index) => ({
      path: mount.path,
      volume: volume(chart, `volume-${index}`, mount),
      readOnly: !("emptyDir" in mount),
    })),
  };
}

/** Adds to a built pod what cdk8s-plus has no words for. */
export function completePod(pod: PodSpec, { imagePullSecrets }: WorkloadSpec): void {
  harden(pod);
  explain(pod);
  if (imagePullSecrets?.length) pod.imagePullSecrets = imagePullSecrets.map((name) => ({ name }));
}

function environment(chart: Chart, env: Record<string, EnvValue>): Record<string, kplus.EnvValue> {
  const value = (name: string, from: EnvValue) => {
    if (typeof from === "string") return kplus.EnvValue.fromValue(from);
    const secret = kplus.Secret.fromSecretName(chart, `env-${name}`, from.secret);
    return kplus.EnvValue.fromSecretValue({ secret, key: from.key });
  };
  return Object.fromEntries(Object.entries(env).map(([name, from]) => [name, value(name, from)]));
}

function volume(chart: Chart, id: string, mount: Mount): kplus.Volume {
  const name = mount.path.slice(1).replaceAll(/[^a-z0-9]+/g, "-");
  if ("emptyDir" in mount) {
    return kplus.Volume.fromEmptyDir(chart, id, name, { sizeLimit: size(mount.emptyDir) });
  }
  if ("configMap" in mount) {
    const configMap = kplus.ConfigMap.fromConfigMapName(chart, `${id}-source`, mount.configMap);
    return kplus.Volume.fromConfigMap(chart, id, configMap, { name });
  }
  const items = mount.keys && Object.fromEntries(mount.keys.map((key) => [key, { path: key }]));
  const secret = kplus.Secret.fromSecretName(chart, `${id}-source`, mount.secret);
  return kplus.Volume.fromSecret(chart, id, secret, { name, items });
}

const size = (quantity: string) => Size.mebibytes(bytes(quantity) / 2 ** 20);
