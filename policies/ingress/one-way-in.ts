import type { core } from "@pulumi/kubernetes/types/output.js";
import { nameOf, namespaceOf, specOf } from "../framework/kubernetes.ts";
import { each, stackPolicy } from "../framework/policy.ts";
import { ofKind } from "../framework/subject.ts";

/** What leads requests to a Service, or lets somebody else lead them there, and is no IngressRoute. */
const OTHER_WAYS: readonly string[] = [
  "networking.k8s.io/Ingress",
  "traefik.io/IngressRouteTCP",
  "traefik.io/IngressRouteUDP",
  ...["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "ReferenceGrant"].map(
    (kind) => `gateway.networking.k8s.io/${kind}`,
  ),
];

/**
 * The other policies on ingress judge IngressRoutes: who comes another way meets no TLS, no limit and no refusal of a
 * revoked token. Namespaces that the stack does not make are their owners', such as an ingress controller's own.
 */
export const oneWayIn = stackPolicy({
  name: "one-way-in",
  description: "In the stack's own namespaces requests come in by IngressRoutes alone.",
  level: "mandatory",
  *check(stack) {
    const own = ofKind(stack, "core/Namespace").map(nameOf);
    const there = ofKind(stack, ...OTHER_WAYS, "core/Service");
    yield* each(there, function* (resource) {
      if (!own.includes(namespaceOf(resource))) return;
      if (OTHER_WAYS.includes(resource.kind)) {
        yield {
          resource,
          field: "",
          problem: "requests come past TLS, limits and the refusal of revoked tokens",
          fix: "Make an IngressRoute of Traefik instead: components/ingress.",
        };
        return;
      }
      const { type = "ClusterIP", externalIPs = [] } = specOf<core.v1.ServiceSpec>(resource);
      if (type !== "ClusterIP" && type !== "ExternalName") {
        yield {
          resource,
          field: "spec.type",
          found: type,
          problem: "whoever reaches a node or the load balancer comes past the ingress",
          fix: "Set type: ClusterIP, and lead to it by an IngressRoute.",
        };
      }
      if (externalIPs.length > 0) {
        yield {
          resource,
          field: "spec.externalIPs",
          found: externalIPs,
          problem: "whoever reaches the address comes past the ingress",
          fix: "Leave it empty, and lead to the Service by an IngressRoute.",
        };
      }
    });
  },
});
