import { type AlertCases, gauge, one } from "./case.ts";
import { kubernetes, object, warning } from "./scraped.ts";

const autoscaler = kubernetes({ horizontalpodautoscaler: "attic" });
const current = one("kube_horizontalpodautoscaler_status_current_replicas", autoscaler);
const most = one("kube_horizontalpodautoscaler_spec_max_replicas", autoscaler);
const inactive = { ...autoscaler, condition: "ScalingActive", status: "false" };

const budget = kubernetes({ poddisruptionbudget: "attic" });
const disruptions = (allowed: string, healthy: string) => ({
  [one("kube_poddisruptionbudget_status_pod_disruptions_allowed", budget)]: allowed,
  [one("kube_poddisruptionbudget_status_current_healthy", budget)]: healthy,
  [one("kube_poddisruptionbudget_status_expected_pods", budget)]: gauge(["3h", 3]),
});

/** Whether the API can grow, and nodes can be drained. */
export const autoscaling: AlertCases = {
  AtticAutoscalerAtMaximum: [
    {
      when: "all pods that it may have run for a quarter of an hour",
      series: { [current]: gauge(["10m", 9], ["30m", 10]), [most]: gauge(["40m", 10]) },
      fires: {
        "24m": [],
        "25m": [
          {
            labels: warning(object({ horizontalpodautoscaler: "attic" })),
            says: {
              summary: "The cache's API has had all its 10 pods for 15 minutes",
              description:
                "The autoscaler nix-cache/attic has been at its maximum of 10 pods for 15 minutes. More load makes " +
                "requests slower.",
            },
          },
        ],
      },
    },
    {
      when: "there is room for one more",
      series: { [current]: gauge(["40m", 9]), [most]: gauge(["40m", 10]) },
      fires: { "39m": [] },
    },
  ],
  AtticAutoscalerBlind: [
    {
      when: "it knows no load",
      series: {
        [one("kube_horizontalpodautoscaler_status_condition", inactive)]: gauge(["10m", 0], ["30m", 1]),
      },
      fires: {
        "24m": [],
        "25m": [
          {
            labels: warning(object({ horizontalpodautoscaler: "attic" })),
            says: {
              summary: "The autoscaler attic does not scale",
              description:
                "The autoscaler nix-cache/attic has not known the load of its pods for 15 minutes, or its Deployment " +
                "was scaled to 0. The number of pods stays what it is, whatever the load.",
            },
          },
        ],
      },
    },
    {
      when: "it knows the load, and is held by its limits",
      series: {
        [one("kube_horizontalpodautoscaler_status_condition", inactive)]: gauge(["40m", 0]),
        [one("kube_horizontalpodautoscaler_status_condition", { ...inactive, condition: "ScalingLimited" })]:
          gauge(["40m", 1]),
      },
      fires: { "39m": [] },
    },
  ],
  AtticDisruptionBudgetBlocking: [
    {
      when: "a pod that does not get ready keeps the others from being evicted",
      series: disruptions(gauge(["10m", 1], ["2h", 0]), gauge(["10m", 3], ["2h", 2])),
      fires: {
        "69m": [],
        "70m": [
          {
            labels: warning(object({ poddisruptionbudget: "attic" })),
            says: {
              summary: "Nodes with pods of attic cannot be drained",
              description:
                "The budget nix-cache/attic has allowed no eviction for an hour, because 1 of its pods are not ready. " +
                "Drains wait, and with them updates of the nodes.",
            },
          },
        ],
      },
    },
    {
      when: "a pod is missing, and another one may be evicted all the same",
      series: disruptions(gauge(["2h", 1]), gauge(["2h", 2])),
      fires: { "119m": [] },
    },
    {
      when: "no eviction is allowed though every pod is ready",
      series: disruptions(gauge(["2h", 0]), gauge(["2h", 3])),
      fires: { "119m": [] },
    },
  ],
};
