import { randomBytes } from "node:crypto";
import { middlewares } from "../../../components/ingress/middlewares.ts";
import {
  ingressRoute,
  redirect,
  serversTransport,
  traefikServices,
} from "../../../components/ingress/traefik.ts";
import type { StackConfig } from "../../../config/index.ts";
import type { Settings } from "../../../config/schema/index.ts";
import { applyObject, kubectl } from "../../support/control-plane.ts";
import { stackConfig } from "../../support/settings.ts";

/** One stack's ingress on the real API server, in a namespace of its own. */
export interface EdgeStack {
  readonly config: StackConfig;
  readonly host: string;
  readonly namespace: string;
}

/** What is particular to a stack. */
export interface EdgeStackOptions {
  ingress?: Settings["ingress"];
  refusals?: string[];
  /** Where its pods are on the loopback; left out, it has none. */
  port?: number;
}

/** Applies the ingress that the program emits for such a stack, and nothing else of it. */
export async function applyStack(host: string, options: EdgeStackOptions): Promise<EdgeStack> {
  const { ingress, refusals = [], port } = options;
  const namespace = `edge-${randomBytes(4).toString("hex")}`;
  const config = stackConfig({ hostname: host, namespace, ingress });
  const some = { refusals: refusals.length > 0 };
  await applyAll([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "attic", namespace },
      spec: port
        ? { type: "ExternalName", externalName: "localhost", ports: [{ name: "http", port }] }
        : { ports: [{ name: "http", port: 80, targetPort: 8080 }], selector: { app: "none" } },
    },
    serversTransport(config),
    ...traefikServices(config, some),
    ...middlewares(config, some),
    ingressRoute(config, refusals),
    redirect(config),
  ]);
  return { config, host, namespace };
}

/** Applies objects in one call. */
export function applyAll(items: object[]): Promise<void> {
  return applyObject({ apiVersion: "v1", kind: "List", items });
}

/** Removes a stack's namespace, without waiting for it to be gone. */
export async function removeStack({ namespace }: EdgeStack): Promise<void> {
  await kubectl(["delete", "namespace", namespace, "--wait=false"]);
}
