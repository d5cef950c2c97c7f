import { Certificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate";
import { IngressRoute } from "@kubernetes-models/traefik/traefik.io/v1alpha1/IngressRoute";
import { Middleware } from "@kubernetes-models/traefik/traefik.io/v1alpha1/Middleware";
import { ServersTransport } from "@kubernetes-models/traefik/traefik.io/v1alpha1/ServersTransport";
import { TraefikService } from "@kubernetes-models/traefik/traefik.io/v1alpha1/TraefikService";
import { describe, expect, test } from "vitest";
import { certificate } from "../../../../components/ingress/certificate.ts";
import { chain, middlewares } from "../../../../components/ingress/middlewares.ts";
import { routes } from "../../../../components/ingress/routes.ts";
import {
  ingressRoute,
  redirect,
  serversTransport,
  traefikServices,
} from "../../../../components/ingress/traefik.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { stackConfig } from "../../../support/settings.ts";

const specs = (ingress: Settings["ingress"] = {}, refusals = false) =>
  Object.fromEntries(
    middlewares(stackConfig({ ingress }), { refusals }).map(({ metadata, spec }) => [metadata.name, spec]),
  );

describe("the middlewares", () => {
  test("are these, by kind", () => {
    expect(Object.entries(specs()).map(([name, spec]) => [name, ...Object.keys(spec)])).toEqual([
      ["attic-headers", "headers"],
      ["attic-rate-limit", "rateLimit"],
      ["attic-retry", "retry"],
      ["attic-uploads-in-flight", "inFlightReq"],
      ["attic-https", "redirectScheme"],
    ]);
  });

  test("of each route are these, the outermost first", () => {
    const chains = Object.entries(routes).map(([id, { policy }]) => [id, chain(policy)]);
    const reads = ["attic-headers", "attic-rate-limit", "attic-retry"];
    expect(Object.fromEntries(chains)).toEqual({
      narinfo: reads,
      nar: reads,
      cacheInfo: reads,
      upload: ["attic-headers", "attic-uploads-in-flight"],
      api: ["attic-headers", "attic-rate-limit"],
      other: ["attic-headers", "attic-rate-limit"],
    });
  });

  test("never hold a body back", () => {
    const all = JSON.stringify(specs({}, true));
    expect(all).not.toMatch(/"(buffering|compress|errors|circuitBreaker)"/);
  });

  test("retry what reached no pod, on routes that only read, and never because of a status", () => {
    expect(specs()["attic-retry"].retry).toEqual({ attempts: 3, initialInterval: "100ms" });
    for (const { match, policy } of Object.values(routes)) {
      if (policy.retried) expect(match).toMatch(/^\(Method\(`GET`\) \|\| Method\(`HEAD`\)\) && /);
    }
  });

  test("limit a client's requests as configured", () => {
    expect(specs({ rateLimit: { average: 7, burst: 8 } })["attic-rate-limit"].rateLimit).toMatchObject({
      average: 7,
      burst: 8,
      period: "1s",
    });
  });

  test("limit a client's uploads as configured", () => {
    expect(specs({ uploadsInFlight: 3 })["attic-uploads-in-flight"].inFlightReq).toMatchObject({ amount: 3 });
  });

  test.each(["attic-rate-limit", "attic-uploads-in-flight"])("tell clients apart in %s", (name) => {
    const strategy = (ingress: Settings["ingress"]) => {
      const { rateLimit, inFlightReq } = specs(ingress)[name];
      return (rateLimit ?? inFlightReq).sourceCriterion;
    };
    // By the connection's address; a client's /64 of IPv6 is one client.
    expect(strategy({})).toEqual({ ipStrategy: { ipv6Subnet: 64 } });
    const proxies = { trustedProxyDepth: 2, trustedProxies: ["10.0.0.0/16"] };
    expect(strategy(proxies)).toEqual({ ipStrategy: { depth: 2, ipv6Subnet: 64 } });
  });

  test("keep browsers on HTTPS, and from running what was uploaded", () => {
    expect(specs()["attic-headers"].headers).toEqual({
      stsSeconds: 31_536_000,
      contentTypeNosniff: true,
      frameDeny: true,
      referrerPolicy: "no-referrer",
      contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    });
  });

  test("refuse everybody with 401, where something is refused", () => {
    expect(specs({}, true)["attic-refuse"]).toEqual({
      ipAllowList: { sourceRange: ["255.255.255.255/32"], rejectStatusCode: 401 },
    });
  });
});

describe("the IngressRoutes", () => {
  test("listen where they are told to, with the certificate", () => {
    const config = stackConfig({ ingress: { secureEntryPoint: "https", plainEntryPoint: "http" } });
    expect(ingressRoute(config).spec).toMatchObject({
      entryPoints: ["https"],
      tls: { secretName: "attic-tls" },
    });
    expect(redirect(config).spec).toMatchObject({ entryPoints: ["http"] });
  });

  test("send plain HTTP to HTTPS for good, after a certificate challenge had its turn", () => {
    const { routes, tls } = redirect(stackConfig()).spec;
    expect(routes).toHaveLength(1);
    expect(routes[0]).toMatchObject({
      match: "Host(`nix-cache.example.com`)",
      priority: 1,
      middlewares: [{ name: "attic-https" }],
    });
    expect(tls).toBeUndefined();
    expect(specs()["attic-https"]).toEqual({ redirectScheme: { scheme: "https", permanent: true } });
  });
});

describe("the TraefikServices", () => {
  const services = traefikServices(stackConfig(), { refusals: false });

  test("are one for each route, and one for refusals where there are any", () => {
    const names = Object.values(routes).map(({ service }) => service);
    expect(services.map(({ metadata }) => metadata.name)).toEqual(names);
    const more = traefikServices(stackConfig(), { refusals: true });
    expect(more.map(({ metadata }) => metadata.name)).toEqual([...names, "attic-refused"]);
  });

  test("reach the pods the same way each, by HTTP/1.1 and under the name that the client used", () => {
    for (const { spec } of services) {
      expect(spec).toEqual({
        weighted: {
          services: [
            {
              kind: "Service",
              name: "attic",
              port: "http",
              scheme: "http",
              passHostHeader: true,
              serversTransport: "attic",
              weight: 1,
            },
          ],
        },
      });
    }
  });

  test("are not called as Traefik calls the Service below them", () => {
    for (const { metadata } of services) expect(metadata.name).not.toBe("attic-http");
  });

  test("give up on a pod that is gone soon, and on an answer never", () => {
    expect(serversTransport(stackConfig()).spec.forwardingTimeouts).toEqual({
      dialTimeout: "2s",
      responseHeaderTimeout: "0s",
      idleConnTimeout: "90s",
    });
  });
});

describe("the certificate", () => {
  test("is for the hosts that are served, by the configured issuer, with a new key each time", () => {
    const config = stackConfig({ ingress: { issuer: { kind: "Issuer", name: "corporate" } } });
    expect(certificate(config).spec).toEqual({
      secretName: "attic-tls",
      dnsNames: ["nix-cache.example.com"],
      issuerRef: { group: "cert-manager.io", kind: "Issuer", name: "corporate" },
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
    });
  });

  test("is awaited only where an issuer can be", () => {
    expect(certificate(stackConfig()).metadata.annotations).toEqual({
      "pulumi.com/waitFor": "condition=Ready",
    });
    expect(certificate(stackConfig({ ingress: { awaitCertificate: false } })).metadata).not.toHaveProperty(
      "annotations",
    );
  });
});

test("every object is what its kind allows", () => {
  const config = stackConfig({ ingress: { trustedProxyDepth: 1, trustedProxies: ["10.0.0.0/8"] } });
  const kinds = { Certificate, IngressRoute, Middleware, ServersTransport, TraefikService };
  const objects = [
    certificate(config),
    ingressRoute(config, ["Path(`/x`)"]),
    redirect(config),
    serversTransport(config),
    ...traefikServices(config, { refusals: true }),
    ...middlewares(config, { refusals: true }),
  ];
  for (const object of objects) {
    const Kind = kinds[object.kind as keyof typeof kinds] as new (data: object) => { validate(): void };
    expect(() => new Kind(object).validate()).not.toThrow();
    expect(object.metadata).toMatchObject({
      namespace: "nix-cache",
      labels: { "app.kubernetes.io/name": "attic", "app.kubernetes.io/component": "ingress" },
    });
  }
});
