import type { KubeObject } from "../object.ts";
import { READY, type Verdict, type Waiter, waiting } from "./verdict.ts";

interface Endpoint {
  conditions?: { ready?: boolean | null };
}

/** A Service is ready when it leads to a ready pod, and a load balancer's also has its address. */
export const service: Waiter = {
  async judge(live, { cluster, signal }) {
    if (!leadsToPods(live)) return judgeAddress(live);
    const { name, namespace } = live.metadata;
    const slices = await cluster.list(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
      query: { labelSelector: `kubernetes.io/service-name=${name}` },
      signal,
    });
    return hasReadyEndpoint(slices) ? judgeAddress(live) : waiting("a ready pod that matches its selector");
  },

  async explain({ spec }) {
    return [`No ready pod has the labels of its selector: ${JSON.stringify(spec?.selector ?? {})}`];
  },
};

/** Whether pods stand behind the Service: not for external names, nor where someone else keeps the endpoints. */
export function leadsToPods({ spec = {} }: KubeObject): boolean {
  return spec.type !== "ExternalName" && Object.keys(spec.selector ?? {}).length > 0;
}

/** Whether any of a Service's EndpointSlices has an endpoint that takes traffic. */
export function hasReadyEndpoint(slices: readonly KubeObject[]): boolean {
  return slices
    .flatMap((slice) => (slice.endpoints ?? []) as Endpoint[])
    .some(({ conditions }) => conditions?.ready !== false);
}

function judgeAddress({ spec, status }: KubeObject): Verdict {
  if (spec?.type !== "LoadBalancer") return READY;
  const { ingress = [] } = (status?.loadBalancer ?? {}) as { ingress?: unknown[] };
  return ingress.length > 0 ? READY : waiting("the load balancer's address");
}
