import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { allows, type Endpoint, type Port } from "./evaluate.ts";

const pod = (address: string, namespace: string, labels: Record<string, string>): Endpoint => ({
  address,
  pod: { namespace, labels },
});

const workload = (name: string, component: string) => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/component": component,
  "app.kubernetes.io/part-of": "attic",
  "pod-template-hash": "5d9c7b6f4d",
});

/** Pods of the stack's namespace, labelled as those who make them label them. */
export const ours = {
  API: pod("10.244.0.1", "nix-cache", workload("attic", "api")),
  "garbage collector": pod("10.244.0.2", "nix-cache", workload("attic-gc", "gc")),
  migration: pod("10.244.0.3", "nix-cache", workload("attic-migrate", "migrations")),
  database: pod("10.244.0.4", "nix-cache", {
    "cnpg.io/cluster": "attic-pg",
    "cnpg.io/podRole": "instance",
    "cnpg.io/instanceName": "attic-pg-1",
    "cnpg.io/instanceRole": "primary",
  }),
  "database job": pod("10.244.0.5", "nix-cache", {
    "cnpg.io/cluster": "attic-pg",
    "cnpg.io/jobRole": "join",
    "batch.kubernetes.io/job-name": "attic-pg-2-join",
  }),
  "ACME solver": pod("10.244.0.6", "nix-cache", {
    "acme.cert-manager.io/http01-solver": "true",
    "acme.cert-manager.io/http-domain": "617481509",
  }),
  "other pod": pod("10.244.0.7", "nix-cache", { app: "debug" }),
};

/** What is outside the namespace. */
export const others = {
  Traefik: pod("10.244.1.1", "traefik", { "app.kubernetes.io/name": "traefik" }),
  "beside Traefik": pod("10.244.1.2", "traefik", { app: "debug" }),
  Prometheus: pod("10.244.1.3", "monitoring", { "app.kubernetes.io/name": "prometheus" }),
  operator: pod("10.244.1.4", "cnpg-system", { "app.kubernetes.io/name": "cloudnative-pg" }),
  DNS: pod("10.244.1.5", "kube-system", { "k8s-app": "kube-dns" }),
  "DNS cache": { address: "169.254.20.10" },
  "pod elsewhere": pod("10.244.1.6", "default", { app: "debug" }),
  "API server": { address: "10.0.0.10" },
  "object store": { address: "203.0.113.80" },
  internet: { address: "198.51.100.1" },
  metadata: { address: "169.254.169.254" },
} satisfies Record<string, Endpoint>;

/** Every port that anything here listens on, and some that nothing does. */
export const ports: Port[] = [
  ...[22, 53, 80, 443, 5432, 6443, 8000, 8010, 8080, 8089, 9090, 9187, 9443].map((port) => ({
    port,
    protocol: "TCP" as const,
  })),
  ...[53, 443, 8080].map((port) => ({ port, protocol: "UDP" as const })),
];

/** The ports on which one may connect to the other: `53 53/udp`, or a dash. */
export function between(policies: readonly Manifest[], from: Endpoint, to: Endpoint): string {
  const open = ports.filter((port) => allows(policies, from, to, port));
  return open.map(({ port, protocol }) => (protocol === "TCP" ? `${port}` : `${port}/udp`)).join(" ") || "–";
}
