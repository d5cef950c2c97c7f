import { z } from "zod";
import { objectName } from "./primitives.ts";

const peer = (namespace: string, labels: Record<string, string>) =>
  z
    .strictObject({
      /** The namespace that the peer's pods run in. */
      namespace: objectName().default(namespace),
      /** The labels that its pods have. */
      podLabels: z.record(z.string(), z.string()).default(labels),
    })
    .prefault({});

const cidr = () => z.union([z.cidrv4(), z.cidrv6()], { error: 'an address range such as "10.0.0.0/16"' });

/** Who may talk to whom. Everything that is not named here is denied, both ways. */
export const network = z.strictObject({
  /**
   * Whether NetworkPolicies are made. They have an effect only where the cluster's network plugin enforces them.
   * @default true
   */
  enabled: z.boolean().default(true),
  /**
   * The ingress controller: the only one that reaches the API.
   * @default namespace traefik, pods labelled app.kubernetes.io/name: traefik
   */
  ingressController: peer("traefik", { "app.kubernetes.io/name": "traefik" }),
  /**
   * Prometheus: the only one that reaches metrics ports.
   * @default namespace monitoring, pods labelled app.kubernetes.io/name: prometheus
   */
  prometheus: peer("monitoring", { "app.kubernetes.io/name": "prometheus" }),
  /**
   * The cluster's DNS.
   * @default namespace kube-system, pods labelled k8s-app: kube-dns
   */
  dns: peer("kube-system", { "k8s-app": "kube-dns" }),
  /**
   * The CloudNativePG operator, which reaches the database's status port.
   * @default namespace cnpg-system, pods labelled app.kubernetes.io/name: cloudnative-pg
   */
  databaseOperator: peer("cnpg-system", { "app.kubernetes.io/name": "cloudnative-pg" }),
  /**
   * Address ranges of the Kubernetes API server, which the database's pods talk to.
   * @default ["0.0.0.0/0"]
   * @example ["10.0.0.0/16"]
   */
  apiServer: z.array(cidr()).min(1).default(["0.0.0.0/0"]),
  /**
   * Address ranges of the object store and, on AWS, of STS, over HTTPS.
   * @default ["0.0.0.0/0"]
   */
  objectStore: z.array(cidr()).min(1).default(["0.0.0.0/0"]),
  /**
   * Ranges that no pod reaches, whatever the ranges above say: the node's metadata service, which would hand out
   * the node's own credentials.
   * @default ["169.254.0.0/16"]
   */
  denied: z.array(cidr()).default(["169.254.0.0/16"]),
});
