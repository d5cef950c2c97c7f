import { z } from "zod";
import { objectName } from "./primitives.ts";

// An IPv4 range in IPv6 clothes would slip past the ranges that are denied.
const cidrv6 = () =>
  z
    .cidrv6()
    .overwrite(canonical)
    .regex(/^(?!::ffff:)/);

const cidr = () =>
  z.union([z.cidrv4(), cidrv6()], { error: 'an address range such as "10.0.0.0/16" or "fd00::/8"' });

/** An IPv6 range in the one spelling that everything takes; what is none is left as it is. */
function canonical(range: string): string {
  const [address, prefix] = range.split("/");
  const url = URL.parse(`http://[${address}]`);
  return url ? `${url.hostname.slice(1, -1)}/${prefix}` : range;
}

const peer = (namespace: string, labels: Record<string, string>, addresses: string[] = []) =>
  z
    .strictObject({
      /** The namespace that the peer's pods run in. */
      namespace: objectName().default(namespace),
      /** The labels that its pods have. Without any, every pod of the namespace is meant. */
      podLabels: z.record(z.string(), z.string()).default(labels),
      /**
       * Address ranges beside its pods: what runs in a node's network or outside the cluster has no pod that
       * labels could find.
       */
      addresses: z.array(cidr()).default(addresses),
    })
    .prefault({});

const everywhere = ["0.0.0.0/0", "::/0"];

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
   * The cluster's DNS. Its addresses are reached on port 53 even where `denied` covers them: NodeLocal DNSCache
   * answers at a link-local one.
   * @default namespace kube-system, pods labelled k8s-app: kube-dns, and the address 169.254.20.10/32
   */
  dns: peer("kube-system", { "k8s-app": "kube-dns" }, ["169.254.20.10/32"]),
  /**
   * The CloudNativePG operator, which reaches the database's status port.
   * @default namespace cnpg-system, pods labelled app.kubernetes.io/name: cloudnative-pg
   */
  databaseOperator: peer("cnpg-system", { "app.kubernetes.io/name": "cloudnative-pg" }),
  /**
   * Address ranges of the Kubernetes API server, which the database's pods talk to, on 443 and 6443. Attic's
   * own pods never need it: what is named here and is narrower than a range of `objectStore` is cut out of that
   * range for them.
   * @default ["0.0.0.0/0", "::/0"]
   * @example ["10.96.0.1/32", "10.0.0.10/32"]
   */
  apiServer: z.array(cidr()).min(1).default(everywhere),
  /**
   * Address ranges of the object store and, on AWS, of STS, over HTTPS or the port of `objectStore.s3.endpoint`.
   * @default ["0.0.0.0/0", "::/0"]
   * @example ["203.0.113.0/24"]
   */
  objectStore: z.array(cidr()).min(1).default(everywhere),
  /**
   * Ports of the object store beside the endpoint's. Policies judge the pod that a connection ends at, so a store that
   * is reached through an ingress of the same cluster needs the port of that ingress' pods: 8443 for Traefik.
   * @default []
   * @example [8443]
   */
  objectStorePorts: z.array(z.int().min(1).max(65_535)).default([]),
  /**
   * Address ranges of the database with `provider: external`, on its port. Policies know no host names.
   * @default ["0.0.0.0/0", "::/0"]
   * @example ["10.0.20.0/24"]
   */
  database: z.array(cidr()).min(1).default(everywhere),
  /**
   * Ranges that no pod reaches, whatever the three lists above say: the node's metadata service, which would hand
   * out the node's own credentials.
   * @default ["169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128"]
   */
  denied: z.array(cidr()).default(["169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128"]),
});
