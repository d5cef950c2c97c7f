import { ApiObject, type Chart, Duration, Size } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { bytes, millicores } from "../../config/quantity.ts";
import { labels, selector } from "../kubernetes/labels.ts";
import { type Manifest, manifests, ofKind } from "../kubernetes/manifest.ts";
import { harden, spread } from "../kubernetes/pod.ts";
import { autoscaler } from "./autoscaler.ts";
import type { AutoscaledDeploymentSpec, EnvValue, Mount, Probe } from "./spec.ts";

/**
 * The objects of one autoscaled service: ServiceAccount, Deployment, Service, HorizontalPodAutoscaler and
 * PodDisruptionBudget. The Deployment has no replica count: the autoscaler alone sets it, so that no update
 * ever throws away what it has scaled to.
 */
export function autoscaledDeployment(spec: AutoscaledDeploymentSpec): Manifest[] {
  const built = manifests(spec.namespace, (chart) => {
    const target = deployment(chart, spec);
    service(chart, spec);
    autoscaler(chart, spec, target);
    disruptionBudget(chart, spec);
  });
  complete(ofKind("Deployment", built), spec);
  return built;
}

function deployment(chart: Chart, spec: AutoscaledDeploymentSpec): kplus.Deployment {
  const uid = spec.uid ?? 1000;
  const metadata = { name: spec.name, labels: labels(spec.identity) };
  const target = new kplus.Deployment(chart, "deployment", {
    metadata,
    podMetadata: { labels: labels(spec.identity), annotations: scrapeAnnotations(spec) },
    select: false,
    serviceAccount: new kplus.ServiceAccount(chart, "service-account", {
      metadata: { ...metadata, annotations: spec.serviceAccountAnnotations },
      automountToken: false,
    }),
    automountServiceAccountToken: false,
    securityContext: { user: uid, group: uid, fsGroup: uid, ensureNonRoot: true },
    terminationGracePeriod: Duration.seconds(spec.terminationGracePeriodSeconds),
    // A pod more, never one less: capacity is kept through every update.
    strategy: kplus.DeploymentStrategy.rollingUpdate({
      maxUnavailable: kplus.PercentOrAbsolute.absolute(0),
      maxSurge: kplus.PercentOrAbsolute.percent(25),
    }),
  });
  target.select(kplus.LabelSelector.of({ labels: selector(spec.identity) }));
  const { requests, limits } = spec.resources;
  target.addContainer({
    name: spec.name,
    image: spec.image,
    // The image is pinned, so a node that has it need not ask the registry again.
    imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT,
    command: spec.command,
    args: spec.args,
    ports: [{ name: "http", number: spec.port }],
    resources: {
      cpu: {
        request: kplus.Cpu.millis(millicores(requests.cpu)),
        limit: kplus.Cpu.millis(millicores(limits.cpu)),
      },
      memory: { request: memory(requests.memory), limit: memory(limits.memory) },
    },
    startup: probe(spec.port, spec.probes.startup),
    liveness: probe(spec.port, spec.probes.liveness),
    readiness: probe(spec.port, spec.probes.readiness),
    securityContext: { user: uid, group: uid },
    envVariables: environment(chart, spec.env ?? {}),
    volumeMounts: (spec.mounts ?? []).map((mount, index) => ({
      path: mount.path,
      volume: volume(chart, `volume-${index}`, mount),
      readOnly: !("emptyDir" in mount),
    })),
  });
  return target;
}

/** What cdk8s-plus-27 has no words for. */
function complete({ spec: { template } }: Manifest, spec: AutoscaledDeploymentSpec): void {
  const pod = template.spec;
  harden(pod);
  spread(pod, spec.spread, selector(spec.identity));
  const [container] = pod.containers;
  container.lifecycle = { preStop: { sleep: { seconds: spec.preStopSeconds } } };
  if (spec.preStopSeconds === 0) delete container.lifecycle;
  if (spec.probeHost) {
    const httpHeaders = [{ name: "Host", value: spec.probeHost }];
    for (const kind of ["startupProbe", "livenessProbe", "readinessProbe"]) {
      container[kind].httpGet = { ...container[kind].httpGet, httpHeaders };
    }
  }
  if (spec.imagePullSecrets?.length) {
    pod.imagePullSecrets = spec.imagePullSecrets.map((name) => ({ name }));
  }
}

function service(chart: Chart, { name, identity, port }: AutoscaledDeploymentSpec): void {
  const offered = new kplus.Service(chart, "service", {
    metadata: { name, labels: labels(identity) },
    ports: [{ name: "http", port: 80, targetPort: port }],
  });
  for (const [key, value] of Object.entries(selector(identity))) offered.selectLabel(key, value);
}

function disruptionBudget(chart: Chart, { name, identity }: AutoscaledDeploymentSpec): void {
  new ApiObject(chart, "disruption-budget", {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, labels: labels(identity) },
    // One at a time works at any replica count; a minimum would block drains at the autoscaler's lower bound.
    spec: { maxUnavailable: 1, selector: { matchLabels: selector(identity) } },
  });
}

function probe(port: number, { path, periodSeconds, timeoutSeconds, failureThreshold }: Probe): kplus.Probe {
  return kplus.Probe.fromHttpGet(path, {
    port,
    periodSeconds: Duration.seconds(periodSeconds),
    timeoutSeconds: Duration.seconds(timeoutSeconds),
    failureThreshold,
  });
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
    return kplus.Volume.fromEmptyDir(chart, id, name, { sizeLimit: memory(mount.emptyDir) });
  }
  if ("configMap" in mount) {
    const configMap = kplus.ConfigMap.fromConfigMapName(chart, `${id}-source`, mount.configMap);
    return kplus.Volume.fromConfigMap(chart, id, configMap, { name });
  }
  const items = mount.keys && Object.fromEntries(mount.keys.map((key) => [key, { path: key }]));
  const secret = kplus.Secret.fromSecretName(chart, `${id}-source`, mount.secret);
  return kplus.Volume.fromSecret(chart, id, secret, { name, items });
}

const memory = (quantity: string) => Size.mebibytes(bytes(quantity) / 2 ** 20);

function scrapeAnnotations({ metrics }: AutoscaledDeploymentSpec): Record<string, string> | undefined {
  return (
    metrics && {
      "prometheus.io/scrape": "true",
      "prometheus.io/port": String(metrics.port),
      "prometheus.io/path": metrics.path,
    }
  );
}
