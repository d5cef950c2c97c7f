import { describe, expect, test } from "vitest";
import type { SubjectValues } from "../../../../policies/framework/subject.ts";
import { UNKNOWN } from "../../../../policies/framework/unknown.ts";
import { routesHost } from "../../../../policies/ingress/hosts.ts";
import { routesLimited } from "../../../../policies/ingress/limits.ts";
import { routesResolve } from "../../../../policies/ingress/references.ts";
import { refusalsFirst } from "../../../../policies/ingress/refusals.ts";
import { routesStream } from "../../../../policies/ingress/streams.ts";
import { routesTls } from "../../../../policies/ingress/tls.ts";
import { change } from "../fixtures.ts";
import { fields, judge, kubernetes, only } from "../support.ts";

const HOST = "Host(`nix-cache.example.com`)";
const traefik = (kind: string, name: string, spec: object): SubjectValues =>
  kubernetes({ apiVersion: "traefik.io/v1alpha1", kind, metadata: { name }, spec });
const middleware = (name: string, spec: object) => traefik("Middleware", name, spec);
const service = (name: string) => traefik("TraefikService", name, {});

const ipStrategy = { ipStrategy: { ipv6Subnet: 64 } };
const middlewares = {
  headers: middleware("headers", { headers: { stsSeconds: 1 } }),
  limit: middleware("limit", { rateLimit: { average: 200, burst: 1000 } }),
  inFlight: middleware("in-flight", { inFlightReq: { amount: 32, sourceCriterion: ipStrategy } }),
  retry: middleware("retry", { retry: { attempts: 3 } }),
  https: middleware("https", { redirectScheme: { scheme: "https", permanent: true } }),
  refuse: middleware("refuse", {
    ipAllowList: { sourceRange: ["255.255.255.255/32"], rejectStatusCode: 401 },
  }),
};

const route = (match: string, priority: number, name: string, ...through: string[]) => ({
  kind: "Rule",
  match: `${HOST} && ${match}`,
  priority,
  services: [{ kind: "TraefikService", name }],
  middlewares: through.map((name) => ({ name })),
});

const main = (changes: Record<string, unknown> = {}) =>
  change(
    traefik("IngressRoute", "attic", {
      entryPoints: ["websecure"],
      routes: [
        route("HeaderRegexp(`Authorization`, `x`)", 1000, "refused", "headers", "refuse"),
        route("PathRegexp(`/nar/`)", 50, "nar", "headers", "limit", "retry"),
        route("Path(`/_api/v1/upload-path`)", 30, "upload", "headers", "in-flight"),
        route("PathPrefix(`/`)", 1, "other", "headers", "limit"),
      ],
      tls: { secretName: "attic-tls" },
    }),
    changes,
  );
const redirect = (changes: Record<string, unknown> = {}) =>
  change(
    traefik("IngressRoute", "attic-redirect", {
      entryPoints: ["web"],
      routes: [{ match: HOST, priority: 1, services: [{ name: "other" }], middlewares: [{ name: "https" }] }],
    }),
    changes,
  );
const certificate = (changes: Record<string, unknown> = {}) =>
  change(
    kubernetes({
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      spec: { secretName: "attic-tls", dnsNames: ["nix-cache.example.com"] },
    }),
    changes,
  );

const [REFUSE, NAR, UPLOAD, OTHER] = [0, 1, 2, 3].map((index) => `spec.routes.${index}`);
const services = ["refused", "nar", "upload", "other"].map(service);

/** The whole ingress, with other middlewares where some are given. */
const stack = (routes: SubjectValues[], changed: Partial<typeof middlewares> = {}): SubjectValues[] => [
  ...routes,
  certificate(),
  ...services,
  ...Object.values({ ...middlewares, ...changed }),
];

test.each([routesTls, routesHost, routesLimited, routesStream, refusalsFirst, routesResolve])(
  "$name has nothing against routes without mistakes",
  (policy) => {
    expect(judge(policy, stack([main(), redirect()]))).toEqual({
      findings: [],
      open: [],
      unusedExceptions: [],
    });
  },
);

describe("TLS", () => {
  test.each([
    ["no Secret", main({ "spec.tls": undefined }), "serves a certificate of its own"],
    ["a Secret that nobody writes", main({ "spec.tls.secretName": "other" }), "no Certificate of the stack"],
    [
      "a host without a certificate",
      main({ [`${NAR}.match`]: "Host(`other.example.com`)" }),
      "for other.example.com",
    ],
    ["every entry point", redirect({ "spec.entryPoints": undefined }), "answers by plain HTTP"],
    [
      "plain HTTP that is served",
      redirect({ "spec.routes.0.middlewares": [{ name: "limit" }] }),
      "answers by plain HTTP",
    ],
    ["plain HTTP beside TLS", main({ "spec.entryPoints": ["websecure", "web"] }), "answers by plain HTTP"],
  ])("%s is found", (_, route, problem) => {
    const { findings } = judge(routesTls, stack([route]));
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) expect(finding.problem).toContain(problem);
  });

  test("may have a certificate for all hosts of a domain", () => {
    const wild = certificate({ "spec.dnsNames": ["*.example.com"] });
    expect(judge(routesTls, [main(), wild, ...services]).findings).toEqual([]);
  });

  test("must have the certificate where the route is", () => {
    const elsewhere = certificate({ "metadata.namespace": "other" });
    expect(judge(routesTls, [main(), elsewhere]).findings).toHaveLength(1);
  });

  test("knows other entry points where the stack says so", () => {
    const http = redirect({ "spec.entryPoints": ["http"], "spec.routes.0.middlewares": [] });
    expect(judge(routesTls, stack([http]), { plain: ["http"] }).findings[0]?.problem).toContain("plain HTTP");
  });
});

test.each([
  ["PathPrefix(`/`)", 1],
  [`${HOST} || PathPrefix(\`/\`)`, 1],
  ["HostRegexp(`.*`)", 1],
  [`(${HOST} || Host(\`b\`)) && Path(\`/\`)`, 0],
])("a route for %s has %i findings", (match, count) => {
  expect(judge(routesHost, stack([main({ [`${NAR}.match`]: match })])).findings).toHaveLength(count);
});

describe("limits", () => {
  test.each([
    [
      "reading without one",
      main({ [`${NAR}.middlewares`]: [{ name: "headers" }] }),
      {},
      "spec.routes[1].middlewares",
    ],
    [
      "anything else without one",
      main({ [`${OTHER}.middlewares`]: undefined }),
      {},
      "spec.routes[3].middlewares",
    ],
    [
      "uploads without one",
      main({ [`${UPLOAD}.middlewares`]: [{ name: "limit" }] }),
      {},
      "spec.routes[2].middlewares",
    ],
    [
      "uploads that all count together",
      main(),
      { inFlight: middleware("in-flight", { inFlightReq: { amount: 32 } }) },
      "spec.routes[2].middlewares",
    ],
    [
      "a limit of nothing",
      main({ [`${OTHER}.middlewares`]: [{ name: "zero" }] }),
      {
        limit: middleware("limit", { rateLimit: { average: 200 } }),
        headers: middleware("zero", { rateLimit: { average: 0 } }),
      },
      "spec.routes[3].middlewares",
    ],
  ])("%s are found", (_, route, changed, field) => {
    expect(fields(judge(routesLimited, stack([route], changed)))).toEqual([field]);
  });

  test("that are not known yet are left open", () => {
    const { findings, open } = judge(routesLimited, stack([main({ [`${NAR}.middlewares`]: UNKNOWN })]));
    expect([findings.length, open.length]).toEqual([0, 1]);
  });
});

describe("what holds a NAR back", () => {
  test.each(["buffering", "compress", "errors"])("is %s", (kind) => {
    const { findings } = judge(
      routesStream,
      stack([main()], { headers: middleware("headers", { [kind]: {} }) }),
    );
    // On every route of the four.
    expect(findings.map(({ problem }) => problem.split(":")[0])).toEqual(Array(4).fill(kind));
  });

  test("is a second try of an upload, and not one of a pull", () => {
    const retried = main({ [`${UPLOAD}.middlewares`]: [{ name: "in-flight" }, { name: "retry" }] });
    expect(only(judge(routesStream, stack([retried]))).field).toBe("spec.routes[2].middlewares");
  });
});

describe("refusing", () => {
  test.each([
    ["after a route", main({ [`${REFUSE}.priority`]: 40 }), "spec.routes[0].priority", "with priority 50"],
    ["beside a route", main({ [`${REFUSE}.priority`]: 50 }), "spec.routes[0].priority", "with priority 50"],
    [
      "without a number",
      main({ [`${REFUSE}.priority`]: undefined }),
      "spec.routes[0].priority",
      "rule's length",
    ],
    [
      "beside a route without one",
      main({ [`${NAR}.priority`]: 0 }),
      "spec.routes[1].priority",
      "rule's length",
    ],
  ])("%s is found", (_, route, field, problem) => {
    const { findings } = judge(refusalsFirst, stack([route]));
    const found = findings.find((each) => each.field === field);
    expect(found?.problem).toContain(problem);
  });

  test("comes before the routes of other objects on the same entry point, and no others", () => {
    const above = (entryPoint: string) =>
      redirect({ "spec.entryPoints": [entryPoint], "spec.routes.0.priority": 2000 });
    expect(judge(refusalsFirst, stack([main(), above("websecure")])).findings).toHaveLength(1);
    expect(judge(refusalsFirst, stack([main(), above("web")])).findings).toEqual([]);
  });
});

describe("a route that names what is not there", () => {
  test.each([
    ["a service", main({ [`${NAR}.services.0.name`]: "nra" }), "spec.routes[1].services", '"nra"'],
    ["a middleware", main({ [`${NAR}.middlewares.0.name`]: "x" }), "spec.routes[1].middlewares", '"x"'],
  ])("%s", (_, route, field, found) => {
    expect(only(judge(routesResolve, stack([route])))).toMatchObject({ field, found });
  });

  test("is in another namespace than that", () => {
    const elsewhere = main({ "metadata.namespace": "other" });
    expect(judge(routesResolve, stack([elsewhere])).findings).toHaveLength(4 + 9);
  });
});
