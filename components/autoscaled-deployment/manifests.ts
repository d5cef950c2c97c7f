import { ApiObject, type Chart, Duration } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { labels, selector } from "../kubernetes/labels.ts";
import { type Manifest, manifests, ofKind } from "../kubernetes/manifest.ts";
import { spread } from "../kubernetes/pod.ts";
import { completePod, containerProps, podProps } from "../kubernetes/workload.ts";
import { autoscaler } from "./autoscaler.ts";
import type { AutoscaledDeploymentSpec, Probe } from "./spec.ts";

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
  const { name, identity, port, probes } = spec;
  const target = new kplus.Deployment(chart, "deployment", {
    ...podProps(chart, spec),
    metadata: { name, labels: labels(identity) },
    podMetadata: { labels: labels(identity), annotations: scrapeAnnotations(spec) },
    select: false,
    // A pod more, never one less: capacity is kept through every update.
    strategy: kplus.DeploymentStrategy.rollingUpdate({
      maxUnavailable: kplus.PercentOrAbsolute.absolute(0),
      maxSurge: kplus.PercentOrAbsolute.percent(25),
    }),
  });
  target.select(kplus.LabelSelector.of({ labels: selector(identity) }));
  target.addContainer({
    ...containerProps(chart, spec),
    ports: [{ name: "http", number: port }],
    startup: probe(port, probes.startup),
    liveness: probe(port, probes.liveness),
    readiness: probe(port, probes.readiness),
  });
  return target;
}

/** What cdk8s-plus-27 has no words for. */
function complete({ spec: { template } }: Manifest, spec: AutoscaledDeploymentSpec): void {
  const pod = template.spec;
  completePod(pod, spec);
  spread(pod, spec.spread, selector(spec.identity));
  const [container] = pod.containers;
  if (spec.preStopSeconds > 0) container.lifecycle = { preStop: { sleep: { seconds: spec.preStopSeconds } } };
  if (spec.probeHost) {
    const httpHeaders = [{ name: "Host", value: spec.probeHost }];
    for (const kind of ["startupProbe", "livenessProbe", "readinessProbe"]) {
      container[kind].httpGet = { ...container[kind].httpGet, httpHeaders };
    }
  }
}

function service(chart: Chart, { name, identity, port }: AutoscaledDeploymentSpec): void {
  const offered = new kplus.Service(chart, "service", {
    metadata: {
      name,
      labels: labels(identity),
      // The Deployment is waited for; a Service would be waited for in vain while there are no replicas.
      annotations: { "pulumi.com/skipAwait": "true" },
    },
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

function scrapeAnnotations({ metrics }: AutoscaledDeploymentSpec): Record<string, string> | undefined {
  return (
    metrics && {
      "prometheus.io/scrape": "true",
      "prometheus.io/port": String(metrics.port),
      "prometheus.io/path": metrics.path,
    }
  );
}
