/** Where everything that watches the cluster is: the namespace that the stack's `network.prometheus` lets in. */
export const namespace = "monitoring";

/** The Prometheus and the Alertmanager; their StatefulSets are `prometheus-…` and `alertmanager-…`. */
export const names = { prometheus: "k8s", alertmanager: "main" } as const;

/** The operator's own Services in front of them; the port of both is called `web`. */
export const services = { prometheus: "prometheus-operated", alertmanager: "alertmanager-operated" } as const;
