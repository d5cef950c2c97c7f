import { afterAll, beforeAll, describe, test } from "vitest";
import { certificate } from "../../components/ingress/certificate.ts";
import { middlewares } from "../../components/ingress/middlewares.ts";
import {
  ingressRoute,
  redirect,
  serversTransport,
  traefikServices,
} from "../../components/ingress/traefik.ts";
import type { Manifest } from "../../components/kubernetes/manifest.ts";
import type { Settings } from "../../config/schema/index.ts";
import { applyObject, kubectlOutput } from "../support/control-plane.ts";
import { least, stackConfig } from "../support/settings.ts";

const namespace = "ingress-test";
const settings: Settings = { ...least, namespace };

const namespaced = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };

beforeAll(() => applyObject(namespaced));
afterAll(async () => {
  await kubectlOutput(["delete", "namespace", namespace, "--wait=false"]);
});

function objects(ingress: Settings["ingress"], refusals: string[]): Manifest[] {
  const config = stackConfig({ ...settings, ingress });
  const some = { refusals: refusals.length > 0 };
  return [
    certificate(config),
    serversTransport(config),
    ...traefikServices(config, some),
    ...middlewares(config, some),
    ingressRoute(config, refusals),
    redirect(config),
  ];
}

describe("the real API server, with the operators' own definitions,", () => {
  test.each([
    ["as it is by default", {}, []],
    [
      "behind proxies, with refusals and another issuer",
      {
        trustedProxyDepth: 2,
        trustedProxies: ["10.0.0.0/8", "fd00::/8"],
        issuer: { kind: "Issuer" as const, name: "corporate" },
      },
      ["HeaderRegexp(`Authorization`, `a|b`)"],
    ],
  ])("accepts every object of the ingress, %s, and knows every field", async (_, ingress, refusals) => {
    const items = objects(ingress, refusals);
    const list = { apiVersion: "v1", kind: "List", items };
    await applyObject(list, "--dry-run=server", "--validate=strict");
  });
});
