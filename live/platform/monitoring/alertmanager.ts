import { stringify } from "yaml";
import type { KubeObject } from "../../../embedded/cloudnative-pg/manifest.ts";
import { names, namespace } from "./names.ts";
import { pods } from "./prometheus.ts";

/**
 * Who is told, and how soon: one person, of each alert of a stack by itself, a second after it fires. Clusters wait
 * for half a minute, so that what fires together is told together, and have somebody else for each severity.
 */
export const routing = (url: string) => ({
  route: {
    receiver: "on-call",
    group_by: ["namespace", "alertname"],
    group_wait: "1s",
    group_interval: "5s",
    repeat_interval: "4h",
  },
  receivers: [{ name: "on-call", webhook_configs: [{ url, send_resolved: true }] }],
});

/**
 * One Alertmanager.
 * @param version like `0.31.1`
 * @param url where the person on call is told
 */
export function alertmanagerObjects(image: string, version: string, url: string): KubeObject[] {
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `alertmanager-${names.alertmanager}`, namespace },
      stringData: { "alertmanager.yaml": stringify(routing(url)) },
    },
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "Alertmanager",
      metadata: { name: names.alertmanager, namespace },
      spec: {
        ...pods("128Mi"),
        image,
        version: `v${version}`,
        replicas: 1,
        automountServiceAccountToken: false,
      },
    },
  ];
}
