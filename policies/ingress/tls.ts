import type { ICertificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate";
import { namespaceOf, specOf } from "../framework/kubernetes.ts";
import { each, stackPolicy } from "../framework/policy.ts";
import { list } from "../framework/settings.ts";
import { ofKind } from "../framework/subject.ts";
import { ingressRoutes, routeSpecOf, routesOf } from "./routes.ts";
import { hostsOf, parseRule } from "./rule.ts";

/** Tokens travel in headers: whoever sees one request has the token. */
export const routesTls = stackPolicy({
  name: "routes-tls",
  description: "Routes are served by TLS with a certificate for their hosts; plain HTTP is only redirected.",
  level: "mandatory",
  settings: { plain: list(["web"], "entry points without TLS") },
  *check(stack, { plain }) {
    yield* each(ingressRoutes(stack), function* (resource) {
      const { entryPoints = [], tls } = routeSpecOf(resource);
      const routes = routesOf(stack, resource);
      if (entryPoints.length === 0 || entryPoints.some((entry) => plain.includes(entry))) {
        for (const { field, middlewares } of routes) {
          if (
            entryPoints.length > 0 &&
            middlewares.some(({ redirectScheme }) => redirectScheme?.scheme === "https")
          ) {
            continue;
          }
          yield {
            resource,
            field,
            found: entryPoints,
            problem: "the route answers by plain HTTP",
            fix: "Name the secure entry point alone, or redirect to https.",
          };
        }
        return;
      }
      const secretName = tls?.secretName;
      if (!secretName) {
        yield {
          resource,
          field: "spec.tls.secretName",
          problem: "Traefik serves a certificate of its own, which no client trusts",
          fix: "Name the Secret of the stack's Certificate.",
        };
        return;
      }
      const names = ofKind(stack, "cert-manager.io/Certificate")
        .filter((certificate) => namespaceOf(certificate) === namespaceOf(resource))
        .map((certificate) => specOf<NonNullable<ICertificate["spec"]>>(certificate))
        .filter((certificate) => certificate.secretName === secretName)
        .flatMap(({ dnsNames = [] }) => dnsNames);
      for (const host of new Set(routes.flatMap(({ match }) => hostsOf(parseRule(match))))) {
        if (names.includes(host) || names.includes(host.replace(/^[^.]+/, "*"))) continue;
        yield {
          resource,
          field: "spec.tls.secretName",
          found: secretName,
          problem: `no Certificate of the stack writes it for ${host}`,
          fix: "Add the host to the Certificate's dnsNames.",
        };
      }
    });
  },
});
