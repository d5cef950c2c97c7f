import { type AlertCases, type Case, gauge, type Labels, namespace, one } from "./case.ts";
import { critical, kubernetes, warning } from "./scraped.ts";

const stack = "with its operators";

/** Ready pods of a Deployment in a namespace of its operator's own. */
const available = (deployment: string, where: string, number?: number) =>
  one("kube_deployment_status_replicas_available", {
    ...kubernetes({ deployment }, number),
    namespace: where,
  });
const traefik = available("traefik", "traefik");
const operator = available("cloudnative-pg", "cnpg-system");
const plugin = available("plugin-barman-cloud", "cnpg-system");

/** The alert is the stack's, wherever the Deployment is. */
const down = (deployment: string): Labels => ({ namespace, deployment });

/** Nobody is told. */
const quiet = (when: string, series: Case["series"]): Case => ({ when, stack, series, fires: { "59m": [] } });

/** Whether the operators run that the stack installs. */
export const operators: AlertCases = {
  AtticIngressDown: [
    {
      when: "no pod is ready for two minutes",
      stack,
      series: { [traefik]: gauge(["10m", 2], ["10m", 0]) },
      fires: {
        "11m": [],
        "12m": [
          {
            labels: critical(down("traefik")),
            says: {
              summary: "No pod of Traefik is ready",
              description:
                "The Deployment traefik/traefik has had no ready pod for 2 minutes. No client reaches the cache: " +
                "pushes fail, and builds go on without it. No objective sees it.",
            },
          },
        ],
      },
    },
    {
      when: "two kube-state-metrics tell of it: somebody is told once",
      stack,
      series: { [traefik]: gauge(["20m", 0]), [available("traefik", "traefik", 10)]: gauge(["20m", 0]) },
      fires: { "2m": [{ labels: critical(down("traefik")) }] },
    },
    quiet("one pod of two is ready, as in a rollout or while a node is drained", {
      [traefik]: gauge(["10m", 2], ["50m", 1]),
    }),
    quiet("none is for a minute", { [traefik]: gauge(["10m", 2], ["1m", 0], ["49m", 2]) }),
    quiet("another Traefik of the cluster has none", {
      [traefik]: gauge(["1h", 2]),
      [available("traefik", "other-ingress")]: gauge(["1h", 0]),
    }),
  ],
  AtticDatabaseOperatorDown: [
    {
      when: "no pod of the operator is ready for ten minutes",
      stack,
      series: { [operator]: gauge(["10m", 2], ["20m", 0]), [plugin]: gauge(["30m", 1]) },
      fires: {
        "19m": [],
        "20m": [
          {
            labels: warning(down("cloudnative-pg")),
            says: {
              summary: "No pod of cloudnative-pg is ready",
              description:
                "The Deployment cnpg-system/cloudnative-pg has had no ready pod for 10 minutes. The database runs, but " +
                "nobody promotes a replica when its primary is lost, and no backup begins.",
            },
          },
        ],
      },
    },
    {
      when: "no pod of its plugin is",
      stack,
      series: { [operator]: gauge(["30m", 2]), [plugin]: gauge(["10m", 1], ["20m", 0]) },
      fires: { "19m": [], "20m": [{ labels: warning(down("plugin-barman-cloud")) }] },
    },
    quiet("the plugin's one pod is made anew on another node", {
      [operator]: gauge(["1h", 1]),
      [plugin]: gauge(["10m", 1], ["9m", 0], ["41m", 1]),
    }),
    quiet("another Deployment beside them has no pod", {
      [operator]: gauge(["1h", 2]),
      [available("pgadmin", "cnpg-system")]: gauge(["1h", 0]),
    }),
  ],
};
