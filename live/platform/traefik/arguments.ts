import { traefikArguments } from "../../../components/ingress/requirements.ts";
import type { StackConfig } from "../../../config/index.ts";

/** Where a Traefik pod listens, by entry point; 8080 answers its probes. */
export const ports = { web: 8000, websecure: 8443, metrics: 9100, traefik: 8080 } as const;

/** What its chart would make of the stack's values: the stack's own requirements, and the chart's defaults. */
export function commandLine(config: StackConfig): string[] {
  const providers = ["kubernetesCRD", "kubernetesIngress"].flatMap((provider) => [
    `--providers.${provider}=true`,
    `--providers.${provider}.namespaces=${config.namespace}`,
    // As without rights on the cluster.
    `--providers.${provider}.disableClusterScopeResources=true`,
  ]);
  return [
    ...Object.entries(ports).map(([name, port]) => `--entryPoints.${name}.address=:${port}`),
    "--entryPoints.websecure.http.tls=true",
    ...providers,
    "--ping=true",
    "--metrics.prometheus=true",
    "--metrics.prometheus.entryPoint=metrics",
    "--global.checkNewVersion=false",
    "--global.sendAnonymousUsage=false",
    "--log.level=INFO",
    // Tokens travel in headers, and none is written.
    ...["accessLog=true", "accessLog.format=json", "accessLog.fields.headers.defaultMode=drop"].map(
      (each) => `--${each}`,
    ),
    ...traefikArguments(config),
  ];
}
