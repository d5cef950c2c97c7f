import type { KubeObject } from "../../embedded/cloudnative-pg/manifest.ts";

/** Where the stack would be, under its names, so that its rules see these objects. */
export const namespace = "nix-cache";

const metadata = (name: string) => ({ name, namespace });

const securityContext = {
  runAsUser: 1000,
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** A container of busybox that runs a script. */
const container = (name: string, script: string, memory: string, more: object = {}) => ({
  name,
  image: "localhost/busybox:1",
  args: ["sh", "-c", script],
  securityContext,
  resources: { requests: { cpu: "10m", memory }, limits: { cpu: "50m", memory } },
  ...more,
});

/** The API's Deployment with its autoscaler and its budget: busy all the time, and ready as it is told to be. */
export const api = (ready: boolean): KubeObject[] => {
  const labels = { app: "attic" };
  const probe = { exec: { command: ["/bin/busybox", ready ? "true" : "false"] }, periodSeconds: 1 };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: metadata("attic"),
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [container("attic", "while :; do :; done", "32Mi", { readinessProbe: probe })],
          },
        },
      },
    },
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: metadata("attic"),
      spec: {
        minReplicas: 1,
        maxReplicas: 2,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "attic" },
        metrics: [
          {
            type: "Resource",
            resource: { name: "memory", target: { type: "Utilization", averageUtilization: 90 } },
          },
        ],
      },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: metadata("attic"),
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
  ];
};

const pod = (name: string, spec: object): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: metadata(name),
  spec: { terminationGracePeriodSeconds: 1, ...spec },
});

/** Two pods, of which the one's container does this again and again, and the other's init container that stays. */
const failing = (name: string, script: string): KubeObject[] => [
  pod(name, { containers: [container("main", script, "16Mi")] }),
  pod(`${name}-at-first`, {
    initContainers: [container("init", script, "16Mi", { restartPolicy: "Always" })],
    containers: [container("main", "while :; do sleep 1; done", "16Mi")],
  }),
];

/** What goes wrong in a namespace, each of a kind that some rule is about. */
export const troubles: KubeObject[] = [
  ...failing("ends", "sleep 1; exit 1"),
  // More than its limit at once.
  ...failing("grows", "sleep 1; dd if=/dev/zero of=/dev/null bs=64M"),
  {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: metadata("attic-migrate-1"),
    spec: {
      backoffLimit: 0,
      template: { spec: { restartPolicy: "Never", containers: [container("migrate", "exit 1", "16Mi")] } },
    },
  },
  {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: metadata("attic-gc"),
    spec: {
      schedule: "* * * * *",
      jobTemplate: {
        spec: {
          template: { spec: { restartPolicy: "Never", containers: [container("gc", "true", "16Mi")] } },
        },
      },
    },
  },
];

/** A database of two instances, which here may share a node. */
export const database = (image: string): KubeObject => ({
  apiVersion: "postgresql.cnpg.io/v1",
  kind: "Cluster",
  metadata: metadata("attic-pg"),
  spec: {
    instances: 2,
    imageName: image,
    storage: { size: "1Gi" },
    affinity: { enablePodAntiAffinity: false },
    bootstrap: { initdb: { database: "attic", owner: "attic" } },
    resources: { requests: { cpu: "50m", memory: "256Mi" }, limits: { memory: "512Mi" } },
  },
});
