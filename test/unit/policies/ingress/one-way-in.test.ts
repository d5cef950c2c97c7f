import { describe, expect, test } from "vitest";
import { oneWayIn } from "../../../../policies/ingress/one-way-in.ts";
import { change } from "../fixtures.ts";
import { judge, kubernetes, only } from "../support.ts";

const namespace = kubernetes({ kind: "Namespace", metadata: { name: "nix-cache" } });
const service = kubernetes({ kind: "Service", spec: { type: "ClusterIP", externalIPs: [] } });
const object = (apiVersion: string, kind: string) => kubernetes({ apiVersion, kind, spec: {} });

describe("requests come in by IngressRoutes alone", () => {
  test.each([
    ["an IngressRoute", object("traefik.io/v1alpha1", "IngressRoute")],
    ["a Service within the cluster", service],
    ["a Service that says nothing of itself", change(service, { spec: undefined })],
    ["another name for a Service", change(service, { "spec.type": "ExternalName" })],
  ])("%s is fine", (_, made) => {
    expect(judge(oneWayIn, [namespace, made])).toEqual({ findings: [], open: [], unusedExceptions: [] });
  });

  test.each([
    ["networking.k8s.io/v1", "Ingress"],
    ["traefik.io/v1alpha1", "IngressRouteTCP"],
    ["traefik.io/v1alpha1", "IngressRouteUDP"],
    ["gateway.networking.k8s.io/v1", "HTTPRoute"],
    ["gateway.networking.k8s.io/v1", "GRPCRoute"],
    ["gateway.networking.k8s.io/v1alpha3", "TLSRoute"],
    ["gateway.networking.k8s.io/v1alpha2", "TCPRoute"],
    ["gateway.networking.k8s.io/v1alpha2", "UDPRoute"],
    ["gateway.networking.k8s.io/v1beta1", "ReferenceGrant"],
  ])("%s %s is found", (apiVersion, kind) => {
    const { resource } = only(judge(oneWayIn, [namespace, object(apiVersion, kind)]));
    expect(resource).toBe(`${kind} nix-cache/attic`);
  });

  test.each([
    ["a load balancer of its own", { "spec.type": "LoadBalancer" }, "spec.type", '"LoadBalancer"'],
    ["a port on every node", { "spec.type": "NodePort" }, "spec.type", '"NodePort"'],
    ["addresses of its own", { "spec.externalIPs": ["192.0.2.1"] }, "spec.externalIPs", '["192.0.2.1"]'],
  ])("a Service with %s is found", (_, changes, field, found) => {
    expect(only(judge(oneWayIn, [namespace, change(service, changes)]))).toMatchObject({ field, found });
  });

  test("in a namespace that the stack does not make they come as its owner likes", () => {
    const controller = change(service, { "metadata.namespace": "traefik", "spec.type": "LoadBalancer" });
    expect(judge(oneWayIn, [namespace, controller]).findings).toEqual([]);
    expect(judge(oneWayIn, [object("networking.k8s.io/v1", "Ingress")]).findings).toEqual([]);
  });
});
