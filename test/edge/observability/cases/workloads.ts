import { type AlertCases, counter, gauge, namespace, one } from "./case.ts";
import { critical, kubernetes, object, warning } from "./scraped.ts";

const deployment = (name: string) => kubernetes({ deployment: name });
const wanted = one("kube_deployment_spec_replicas", deployment("attic"));
const available = one("kube_deployment_status_replicas_available", deployment("attic"));

const stuck = (name: string, reason: string) => ({
  ...deployment(name),
  ...{ condition: "Progressing", status: "false", reason },
});
const progressing = (name: string, reason: string) =>
  one("kube_deployment_status_condition", stuck(name, reason));

const ofApi = { pod: "attic-5d9c7b6f4-abcde", container: "attic" };
const api = kubernetes(ofApi);
const ofPlugin = { pod: "attic-pg-1", container: "plugin-barman-cloud" };
const plugin = kubernetes(ofPlugin);
const looping = { reason: "CrashLoopBackOff" };
const killed = { reason: "OOMKilled" };

const cpu = {
  namespace,
  pod: "attic-pg-1",
  container: "postgres",
  job: "kubelet",
  node: "node-1",
  cpu: "total",
};
const throttled = (perMinute: number) => ({
  [one("container_cpu_cfs_periods_total", cpu)]: counter(["2h", 600]),
  [one("container_cpu_cfs_throttled_periods_total", cpu)]: counter(["1h", 0], ["1h", perMinute]),
});

/** Whether the pods run. */
export const workloads: AlertCases = {
  AtticApiDown: [
    {
      when: "no pod is ready for two minutes",
      series: { [available]: gauge(["10m", 3], ["10m", 0]) },
      fires: {
        "11m": [],
        "12m": [
          {
            labels: critical(object({ deployment: "attic" })),
            says: {
              summary: "No pod of the cache's API is ready",
              description:
                "The Deployment nix-cache/attic has had no ready pod for 2 minutes. Clients get 503: pushes fail, " +
                "and builds go on without the cache.",
            },
          },
        ],
      },
    },
    {
      when: "kube-state-metrics is replaced meanwhile",
      series: {
        [available]: gauge(["10m", 3], ["3m", 0], ["7m", undefined]),
        [one("kube_deployment_status_replicas_available", kubernetes({ deployment: "attic" }, 10))]: gauge(
          ["13m", undefined],
          ["7m", 0],
        ),
      },
      fires: {
        "11m": [],
        "12m": [{ labels: critical(object({ deployment: "attic" })) }],
        "13m": [{ labels: critical(object({ deployment: "attic" })) }],
        "14m": [{ labels: critical(object({ deployment: "attic" })) }],
      },
    },
    {
      when: "two kube-state-metrics tell of it: somebody is told once",
      series: {
        [available]: gauge(["20m", 0]),
        [one("kube_deployment_status_replicas_available", kubernetes({ deployment: "attic" }, 10))]: gauge([
          "20m",
          0,
        ]),
      },
      fires: { "2m": [{ labels: critical(object({ deployment: "attic" })) }] },
    },
    {
      when: "one pod of three is ready",
      series: { [available]: gauge(["10m", 3], ["20m", 1]) },
      fires: { "29m": [] },
    },
    {
      when: "another stack's pods are gone",
      series: {
        [available]: gauge(["20m", 3]),
        [one("kube_deployment_status_replicas_available", { ...deployment("attic"), namespace: "other" })]:
          gauge(["20m", 0]),
      },
      fires: { "19m": [] },
    },
  ],
  AtticPodsNotReady: [
    {
      when: "one pod is missing for a quarter of an hour",
      series: { [wanted]: gauge(["40m", 3]), [available]: gauge(["10m", 3], ["30m", 2]) },
      fires: {
        "24m": [],
        "25m": [
          {
            labels: warning(object({ deployment: "attic" })),
            says: {
              summary: "1 pods of the cache's API are not ready",
              description:
                "1 pods of the Deployment nix-cache/attic have not been ready for 15 minutes. The others carry their " +
                "load.",
            },
          },
        ],
      },
    },
    {
      when: "pods come and go while it scales",
      series: {
        [wanted]: gauge(["10m", 3], ["30m", 6]),
        [available]: gauge(["20m", 3], ["20m", 6]),
      },
      fires: { "39m": [] },
    },
  ],
  AtticRolloutStuck: [
    {
      when: "the API's new pods do not become ready before the deadline",
      series: { [progressing("attic", "ProgressDeadlineExceeded")]: gauge(["10m", 0], ["20m", 1]) },
      fires: {
        "14m": [],
        "15m": [
          {
            labels: warning(object({ deployment: "attic", reason: "ProgressDeadlineExceeded" })),
            says: {
              summary: "The new pods of attic do not become ready",
              description:
                "An update of the Deployment nix-cache/attic stands still (ProgressDeadlineExceeded): its new pods do " +
                "not become ready. Those of the API before the update go on serving.",
            },
          },
        ],
      },
    },
    {
      when: "the garbage collector's do not",
      series: { [progressing("attic-gc", "ProgressDeadlineExceeded")]: gauge(["20m", 1]) },
      fires: {
        "5m": [{ labels: warning(object({ deployment: "attic-gc", reason: "ProgressDeadlineExceeded" })) }],
      },
    },
    {
      when: "another Deployment in the namespace stands still",
      series: { [progressing("attic-other", "ProgressDeadlineExceeded")]: gauge(["20m", 1]) },
      fires: { "19m": [] },
    },
  ],
  AtticPodCrashLooping: [
    {
      when: "a container waits to be started again, with a start every five minutes",
      series: {
        [one("kube_pod_container_status_waiting_reason", { ...api, ...looping })]: gauge(
          ["5m", 1],
          ["4m", undefined],
          ["5m", 1],
          ["4m", undefined],
          ["5m", 1],
        ),
      },
      fires: {
        "9m": [],
        "10m": [
          {
            labels: warning(object(ofApi)),
            says: {
              summary: "attic in attic-5d9c7b6f4-abcde keeps ending",
              description:
                "The container attic of the pod nix-cache/attic-5d9c7b6f4-abcde has ended and been started again for " +
                "10 minutes.",
            },
          },
        ],
      },
    },
    {
      when: "the backup plugin's container does, which is an init container",
      series: {
        [one("kube_pod_init_container_status_waiting_reason", { ...plugin, ...looping })]: gauge(["15m", 1]),
      },
      fires: { "10m": [{ labels: warning(object(ofPlugin)) }] },
    },
    {
      when: "it stops after four minutes",
      series: {
        [one("kube_pod_container_status_waiting_reason", { ...api, ...looping })]: gauge(
          ["4m", 1],
          ["30m", undefined],
        ),
      },
      fires: { "8m": [], "10m": [], "30m": [] },
    },
    {
      when: "an image is still being pulled",
      series: {
        [one("kube_pod_container_status_waiting_reason", { ...api, reason: "ContainerCreating" })]: gauge([
          "30m",
          1,
        ]),
      },
      fires: { "29m": [] },
    },
  ],
  AtticPodOutOfMemory: [
    {
      when: "a container is ended for its memory",
      series: {
        [one("kube_pod_container_status_restarts_total", api)]: gauge(["20m", 0], ["40m", 1]),
        [one("kube_pod_container_status_last_terminated_reason", { ...api, ...killed })]: gauge(
          ["20m", undefined],
          ["40m", 1],
        ),
      },
      fires: {
        "19m": [],
        "21m": [
          {
            labels: warning(object(ofApi)),
            says: {
              summary: "attic in attic-5d9c7b6f4-abcde was ended for its memory",
              description:
                "The container attic of the pod nix-cache/attic-5d9c7b6f4-abcde used more memory than its limit and " +
                "was ended, 1 times within 15 minutes. What it was doing is lost.",
            },
          },
        ],
        "40m": [],
      },
    },
    {
      when: "the backup plugin's is",
      series: {
        [one("kube_pod_init_container_status_restarts_total", plugin)]: gauge(["20m", 0], ["20m", 1]),
        [one("kube_pod_init_container_status_last_terminated_reason", { ...plugin, ...killed })]: gauge(
          ["20m", undefined],
          ["20m", 1],
        ),
      },
      fires: { "21m": [{ labels: warning(object(ofPlugin)) }] },
    },
    {
      when: "both were long ago",
      series: {
        [one("kube_pod_container_status_restarts_total", api)]: gauge(["1h", 7]),
        [one("kube_pod_container_status_last_terminated_reason", { ...api, ...killed })]: gauge(["1h", 1]),
        [one("kube_pod_init_container_status_restarts_total", plugin)]: gauge(["1h", 7]),
        [one("kube_pod_init_container_status_last_terminated_reason", { ...plugin, ...killed })]: gauge([
          "1h",
          1,
        ]),
      },
      fires: { "59m": [] },
    },
    {
      when: "a container ends for another reason",
      series: {
        [one("kube_pod_container_status_restarts_total", api)]: gauge(["20m", 0], ["20m", 1]),
        [one("kube_pod_container_status_last_terminated_reason", { ...api, reason: "Error" })]: gauge(
          ["20m", undefined],
          ["20m", 1],
        ),
      },
      fires: { "21m": [], "39m": [] },
    },
  ],
  AtticMigrationFailed: [
    {
      when: "the Job has given up",
      series: {
        [one("kube_job_failed", kubernetes({ job_name: "attic-migrate-1a2b3c", condition: "true" }))]: gauge(
          ["5m", undefined],
          ["5m", 1],
        ),
      },
      fires: {
        "4m": [],
        "5m": [
          {
            labels: warning(object({ job_name: "attic-migrate-1a2b3c" })),
            says: {
              summary: "The migration attic-migrate-1a2b3c failed",
              description:
                "The Job nix-cache/attic-migrate-1a2b3c could not bring the database to the schema of the new image. " +
                "The API and the garbage collector stay what they were; the update did not happen.",
            },
          },
        ],
      },
    },
    {
      when: "another Job failed, and the migration did not",
      series: {
        [one("kube_job_failed", kubernetes({ job_name: "attic-pg-1-initdb", condition: "true" }))]: gauge([
          "9m",
          1,
        ]),
        [one("kube_job_failed", kubernetes({ job_name: "attic-migrate-1a2b3c", condition: "true" }))]: gauge([
          "9m",
          0,
        ]),
        [one("kube_job_failed", kubernetes({ job_name: "attic-migrate-1a2b3c", condition: "false" }))]: gauge(
          ["9m", 1],
        ),
      },
      fires: { "8m": [] },
    },
  ],
  AtticCpuThrottled: [
    {
      when: "a container is held back in more than half of its periods",
      series: throttled(330),
      fires: {
        "100m": [],
        "106m": [
          {
            labels: warning({ namespace, pod: "attic-pg-1", container: "postgres" }),
            says: {
              summary: "postgres in attic-pg-1 is held back by its CPU limit",
              description:
                "55% of the time that postgres in attic-pg-1 wants to run, its CPU limit holds it back, for 30 minutes " +
                "already. Requests wait.",
            },
          },
        ],
      },
    },
    {
      when: "it is held back in fewer",
      series: throttled(290),
      fires: { "119m": [] },
    },
  ],
};
