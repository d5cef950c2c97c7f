import { middlewares } from "../../../components/ingress/middlewares.ts";
import {
  ingressRoute,
  redirect,
  serversTransport,
  traefikServices,
} from "../../../components/ingress/traefik.ts";
import type { StackConfig } from "../../../config/index.ts";
import type { Settings } from "../../../config/schema/index.ts";
import { stackConfig } from "../../support/settings.ts";

/** What is particular to a stack. */
export interface EdgeStackOptions {
  ingress?: Settings["ingress"];
  refusals?: string[];
  /** Where its pods are on the loopback; left out, it has none. */
  port?: number;
}

/** The ingress that the program emits for such a stack, and nothing else of it, in a namespace. */
export function edgeStack(
  host: string,
  namespace: string,
  { ingress, refusals = [], port }: EdgeStackOptions,
): { config: StackConfig; objects: object[] } {
  const config = stackConfig({ hostname: host, namespace, ingress });
  const some = { refusals: refusals.length > 0 };
  const service = port
    ? { type: "ExternalName", externalName: "localhost", ports: [{ name: "http", port }] }
    : { ports: [{ name: "http", port: 80, targetPort: 8080 }], selector: { app: "none" } };
  return {
    config,
    objects: [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      { apiVersion: "v1", kind: "Service", metadata: { name: "attic", namespace }, spec: service },
      serversTransport(config),
      ...traefikServices(config, some),
      ...middlewares(config, some),
      ingressRoute(config, refusals),
      redirect(config),
    ],
  };
}
