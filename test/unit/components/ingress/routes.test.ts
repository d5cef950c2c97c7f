import type { IRoute } from "@kubernetes-models/traefik/traefik.io/v1alpha1/Route";
import { describe, expect, test } from "vitest";
import { hosts, type RouteId, routes, serviceLabels } from "../../../../components/ingress/routes.ts";
import { ingressRoute } from "../../../../components/ingress/traefik.ts";
import { requests } from "../../../edge/ingress/requests.ts";
import { stackConfig } from "../../../support/settings.ts";
import { matches } from "./rule.ts";

const host = "nix-cache.example.com";
const emitted = (config = stackConfig(), refusals: string[] = []): IRoute[] =>
  ingressRoute(config, refusals).spec.routes;

/** The TraefikServices of the routes that match, in the order in which Traefik tries them. */
const taken = (method: string, path: string, at = host) =>
  emitted()
    .filter(({ match }) => matches(match, { host: at, method, path }))
    .toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0))
    .map(({ services }) => services?.[0]?.name);

describe("a request", () => {
  test.each(requests)("%s %s takes the route %s", (method, path, route) => {
    expect(taken(method, path)[0]).toBe(routes[route].service);
  });

  test("matches one route beside the last, except that uploads are also calls of the API", () => {
    for (const [method, path, route] of requests) {
      const expected: RouteId[] =
        route === "upload" ? ["upload", "api", "other"] : route === "other" ? ["other"] : [route, "other"];
      expect(taken(method, path)).toEqual(expected.map((id) => routes[id].service));
    }
  });

  test("for another host takes none", () => {
    expect(taken("GET", "/main/nix-cache-info", "other.example.com")).toEqual([]);
  });
});

describe("the routes", () => {
  test("are tried in this order", () => {
    expect(Object.entries(routes).map(([id, { priority }]) => [id, priority])).toEqual([
      ["narinfo", 60],
      ["nar", 50],
      ["cacheInfo", 40],
      ["upload", 30],
      ["api", 20],
      ["other", 1],
    ]);
  });

  test("say their priority each, as Traefik would otherwise go by the length of the rule", () => {
    const priorities = emitted(stackConfig(), ["Path(`/x`)"]).map(({ priority }) => priority);
    expect(new Set(priorities).size).toBe(priorities.length);
    expect(Math.min(...priorities.map(Number))).toBeGreaterThan(0);
  });

  test("give way to a certificate challenge, whose rule is longer than the last one's priority", () => {
    expect(routes.other.priority).toBe(1);
  });

  test("go to a TraefikService each, whose name is the label of their metrics", () => {
    expect(serviceLabels("nix-cache")).toEqual({
      narinfo: "nix-cache-attic-narinfo@kubernetescrd",
      nar: "nix-cache-attic-nar@kubernetescrd",
      cacheInfo: "nix-cache-attic-cache-info@kubernetescrd",
      upload: "nix-cache-attic-upload@kubernetescrd",
      api: "nix-cache-attic-api@kubernetescrd",
      other: "nix-cache-attic-other@kubernetescrd",
    });
    for (const { services } of emitted()) {
      expect(services).toEqual([{ kind: "TraefikService", name: expect.any(String) }]);
    }
  });

  test("have labels that no character of a name is lost in", () => {
    for (const { service } of Object.values(routes)) expect(service).toMatch(/^[a-z-]+$/);
  });
});

describe("the hosts", () => {
  test("are the cache's name alone, where the API is served under it", () => {
    expect(hosts(stackConfig())).toEqual([host]);
    for (const { match } of emitted()) expect(match).toMatch(/^Host\(`nix-cache\.example\.com`\) && /);
  });

  test("are also the API's, where it has one of its own", () => {
    const config = stackConfig({
      server: { allowedHosts: [host, "push.example.com"], apiEndpoint: "https://push.example.com/" },
    });
    expect(hosts(config)).toEqual([host, "push.example.com"]);
    for (const { match } of emitted(config)) {
      expect(match).toMatch(/^\(Host\(`nix-cache\.example\.com`\) \|\| Host\(`push\.example\.com`\)\) && /);
    }
  });

  test("are not a content network's, which asks at the cache's own name", () => {
    const config = stackConfig({ server: { substituterEndpoint: "https://cdn.example.com/" } });
    expect(hosts(config)).toEqual([host]);
  });

  test("are not an endpoint's without TLS, which Traefik does not serve", () => {
    const config = stackConfig({
      server: { allowedHosts: [host, "attic.internal"], apiEndpoint: "http://attic.internal/" },
    });
    expect(hosts(config)).toEqual([host]);
  });
});

describe("a refusal", () => {
  const rule = "HeaderRegexp(`Authorization`, `(aaa|bbb)`) || Path(`/x`)";

  test("comes before every route and counts as none of them", () => {
    const routes = emitted(stackConfig(), [rule]);
    const [first, ...rest] = routes.toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0));
    expect(first).toEqual({
      kind: "Rule",
      match: `Host(\`${host}\`) && (${rule})`,
      priority: 1000,
      middlewares: [{ name: "attic-headers" }, { name: "attic-refuse" }],
      services: [{ kind: "TraefikService", name: "attic-refused" }],
    });
    expect(rest).toEqual(emitted());
  });

  test("is one route for all rules", () => {
    const routes = emitted(stackConfig(), ["Path(`/x`)", "Path(`/y`)"]);
    expect(routes.at(-1)?.match).toBe(`Host(\`${host}\`) && (Path(\`/x\`) || Path(\`/y\`))`);
    // At the end of the list, so that a plan shows one route more and no other one changed.
    expect(routes.slice(0, -1)).toEqual(emitted());
  });

  test("is for the hosts that are served, and no others that Traefik has", () => {
    const { match = "" } = emitted(stackConfig(), ["Path(`/x`)", "Path(`/y`)"]).at(-1) ?? {};
    const refused = (host: string, path: string) => matches(match, { host, method: "GET", path });
    expect([refused(host, "/x"), refused(host, "/y"), refused(host, "/z")]).toEqual([true, true, false]);
    expect(refused("other.example.com", "/y")).toBe(false);
  });

  test("is not there where nothing is refused", () => {
    expect(JSON.stringify(ingressRoute(stackConfig()))).not.toContain("refuse");
  });
});
