import { describe, expect, test } from "vitest";
import { autoscaledDeployment } from "../../../../components/autoscaled-deployment/manifests.ts";
import { profiles } from "../../../../components/autoscaled-deployment/profiles.ts";
import type { AutoscaledDeploymentSpec } from "../../../../components/autoscaled-deployment/spec.ts";
import { ofKind } from "../../../../components/kubernetes/manifest.ts";
import { stackConfig } from "../../../support/settings.ts";

const probe = { path: "/health", periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 };

const mirror: AutoscaledDeploymentSpec = {
  name: "mirror",
  namespace: "mirrors",
  identity: { name: "mirror", component: "server", partOf: "mirrors", version: "1.2" },
  image: "registry.example.com/mirror:1.2",
  env: { MODE: "fast", TOKEN: { secret: "mirror-token", key: "token" } },
  mounts: [
    { path: "/etc/mirror", configMap: "mirror-config" },
    { path: "/etc/ca", secret: "mirror-ca", keys: ["ca.crt"] },
    { path: "/tmp", emptyDir: "64Mi" },
  ],
  port: 3000,
  probes: { startup: probe, liveness: probe, readiness: probe },
  resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "2", memory: "1Gi" } },
  scaling: profiles.dnfMirror,
  spread: { zones: "require", nodes: "prefer" },
  preStopSeconds: 5,
  terminationGracePeriodSeconds: 60,
};

const build = (changes: Partial<AutoscaledDeploymentSpec> = {}) =>
  autoscaledDeployment({ ...mirror, ...changes });
const deployment = (changes?: Partial<AutoscaledDeploymentSpec>) => ofKind("Deployment", build(changes));
const podOf = (changes?: Partial<AutoscaledDeploymentSpec>) => deployment(changes).spec.template.spec;
const containerOf = (changes?: Partial<AutoscaledDeploymentSpec>) => podOf(changes).containers[0];

test("an autoscaled deployment is these five objects, of one name, in one namespace", () => {
  expect(
    build()
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(["Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Service", "ServiceAccount"]);
  for (const { metadata } of build())
    expect(metadata).toMatchObject({ name: "mirror", namespace: "mirrors" });
});

describe("the Deployment", () => {
  test("has no replica count, so that no update undoes what the autoscaler did", () => {
    expect(deployment().spec).not.toHaveProperty("replicas");
  });

  test("never has less than its capacity during an update", () => {
    expect(deployment().spec.strategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" },
    });
  });

  test("selects its pods by labels that no change of version touches", () => {
    const { selector, template } = deployment().spec;
    expect(selector.matchLabels).toEqual({
      "app.kubernetes.io/name": "mirror",
      "app.kubernetes.io/component": "server",
    });
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(deployment({ identity: { ...mirror.identity, version: "9" } }).spec.selector).toEqual(selector);
  });

  test("spreads the pods of one revision over zones and nodes, as strictly as it is told", () => {
    const keyed = (constraints: { topologyKey: string }[]) =>
      Object.fromEntries(constraints.map((constraint) => [constraint.topologyKey, constraint]));
    const over = keyed(podOf().topologySpreadConstraints);
    expect(over["topology.kubernetes.io/zone"]).toMatchObject({
      maxSkew: 1,
      whenUnsatisfiable: "DoNotSchedule",
      matchLabelKeys: ["pod-template-hash"],
      labelSelector: deployment().spec.selector,
    });
    expect(over["kubernetes.io/hostname"]).toMatchObject({ whenUnsatisfiable: "ScheduleAnyway" });
  });

  test("pauses before it ends, within the grace period, and not at all when told so", () => {
    expect(containerOf().lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
    expect(podOf().terminationGracePeriodSeconds).toBe(60);
    expect(containerOf({ preStopSeconds: 0 })).not.toHaveProperty("lifecycle");
  });
});

describe("the pod", () => {
  test("meets the restricted Pod Security level", () => {
    expect(podOf().securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(containerOf().securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("has a ServiceAccount of its own and no token for the API server", () => {
    expect(podOf()).toMatchObject({ serviceAccountName: "mirror", automountServiceAccountToken: false });
    expect(ofKind("ServiceAccount", build()).automountServiceAccountToken).toBe(false);
  });

  test("shares nothing with its node", () => {
    expect(podOf().hostNetwork).toBe(false);
    for (const absent of ["hostPID", "hostIPC"]) expect(podOf()[absent]).toBeUndefined();
    for (const volume of podOf().volumes) expect(volume).not.toHaveProperty("hostPath");
  });

  test("reserves and limits what it is told", () => {
    expect(containerOf().resources).toEqual({
      requests: { cpu: "250m", memory: "256Mi" },
      limits: { cpu: "2000m", memory: "1024Mi" },
    });
  });

  test("is probed at its port, and with a Host header only where the server wants one", () => {
    for (const kind of ["startupProbe", "livenessProbe", "readinessProbe"]) {
      expect(containerOf()[kind].httpGet).toEqual({ path: "/health", port: 3000, scheme: "HTTP" });
      expect(containerOf({ probeHost: "mirror.example.com" })[kind].httpGet.httpHeaders).toEqual([
        { name: "Host", value: "mirror.example.com" },
      ]);
    }
  });

  test("takes secrets by reference, never by value", () => {
    expect(containerOf().env).toEqual([
      { name: "MODE", value: "fast" },
      { name: "TOKEN", valueFrom: { secretKeyRef: { name: "mirror-token", key: "token" } } },
    ]);
  });

  test("mounts configuration read-only, of a Secret no more than the named keys, and /tmp with a limit", () => {
    const { volumes } = podOf();
    const mounted = containerOf().volumeMounts.map(
      (mount: { name: string; mountPath: string; readOnly?: boolean }) => ({
        path: mount.mountPath,
        readOnly: mount.readOnly ?? false,
        source: volumes.find(({ name }: { name: string }) => name === mount.name),
      }),
    );
    expect(mounted).toEqual([
      {
        path: "/etc/mirror",
        readOnly: true,
        source: { name: "etc-mirror", configMap: { name: "mirror-config" } },
      },
      {
        path: "/etc/ca",
        readOnly: true,
        source: {
          name: "etc-ca",
          secret: { secretName: "mirror-ca", items: [{ key: "ca.crt", path: "ca.crt" }] },
        },
      },
      { path: "/tmp", readOnly: false, source: { name: "tmp", emptyDir: { sizeLimit: "64Mi" } } },
    ]);
  });

  test("names registry secrets and scrape annotations only when there are any", () => {
    expect(podOf()).not.toHaveProperty("imagePullSecrets");
    expect(podOf({ imagePullSecrets: ["registry"] }).imagePullSecrets).toEqual([{ name: "registry" }]);
    expect(deployment().spec.template.metadata.annotations).toBeUndefined();
    expect(
      deployment({ metrics: { port: 9090, path: "/metrics" } }).spec.template.metadata.annotations,
    ).toEqual({
      "prometheus.io/scrape": "true",
      "prometheus.io/port": "9090",
      "prometheus.io/path": "/metrics",
    });
  });
});

test("the Service offers port 80 to exactly the Deployment's pods", () => {
  const { spec } = ofKind("Service", build());
  expect(spec.ports).toEqual([{ name: "http", port: 80, targetPort: 3000 }]);
  expect(spec.selector).toEqual(deployment().spec.selector.matchLabels);
  expect(spec.type).toBe("ClusterIP");
});

test("the disruption budget lets one pod go at a time, so that drains never block", () => {
  const { spec } = ofKind("PodDisruptionBudget", build());
  expect(spec).toEqual({ maxUnavailable: 1, selector: deployment().spec.selector });
});

describe("the autoscaler", () => {
  const spec = ofKind("HorizontalPodAutoscaler", build()).spec;

  test("targets the Deployment within its profile's bounds and utilizations", () => {
    expect(spec.scaleTargetRef).toEqual({ apiVersion: "apps/v1", kind: "Deployment", name: "mirror" });
    expect([spec.minReplicas, spec.maxReplicas]).toEqual([2, 12]);
    expect(spec.metrics).toEqual([
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
      },
      {
        type: "Resource",
        resource: { name: "memory", target: { type: "Utilization", averageUtilization: 85 } },
      },
    ]);
  });

  test("goes up at once, by 100 % or 4 pods every 15 s, whichever is more", () => {
    expect(spec.behavior.scaleUp).toEqual({
      stabilizationWindowSeconds: 0,
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: 100, periodSeconds: 15 },
        { type: "Pods", value: 4, periodSeconds: 15 },
      ],
    });
  });

  test("goes down after 300 s, by 10 % or 2 pods every 60 s, whichever is more", () => {
    expect(spec.behavior.scaleDown).toEqual({
      stabilizationWindowSeconds: 300,
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: 10, periodSeconds: 60 },
        { type: "Pods", value: 2, periodSeconds: 60 },
      ],
    });
  });
});

describe("the scaling profiles", () => {
  test.each([
    ["attic", 70, 80, 2, 10],
    ["quay", 60, 70, 2, 8],
    ["pulp", 70, 75, 2, 6],
    ["dnfMirror", 80, 85, 2, 12],
  ] as const)("%s: CPU %i %%, memory %i %%, %i to %i replicas", (name, cpu, memory, min, max) => {
    expect(profiles[name]).toEqual({
      cpuUtilization: cpu,
      memoryUtilization: memory,
      minReplicas: min,
      maxReplicas: max,
    });
  });

  test("of Attic is what the configuration defaults to", () => {
    expect(stackConfig().api.scaling).toEqual(profiles.attic);
  });
});
