import { nameOf, namespaceOf } from "../framework/kubernetes.ts";
import { stackPolicy } from "../framework/policy.ts";
import { ofKind } from "../framework/subject.ts";
import { eachRoute, middlewareOf } from "./routes.ts";

/** Traefik drops a route that names what is not there, and answers 404, which clients take for a cache miss. */
export const routesResolve = stackPolicy({
  name: "routes-resolve",
  description: "Every service and middleware that a route names is made by the stack.",
  level: "mandatory",
  *check(stack) {
    yield* eachRoute(stack, function* ({ resource, field, services, middlewareNames }) {
      const made = ofKind(stack, "traefik.io/TraefikService", "core/Service")
        .filter((service) => namespaceOf(service) === namespaceOf(resource))
        .map(nameOf);
      const missing = [
        ...services.filter((name) => !made.includes(name)).map((name) => ["services", name]),
        ...middlewareNames
          .filter((name) => middlewareOf(stack, resource, name) === undefined)
          .map((name) => ["middlewares", name]),
      ];
      for (const [kind, found] of missing) {
        yield {
          resource,
          field: `${field}.${kind}`,
          found,
          problem: "the stack makes none of that name in the route's namespace",
          fix: "Make it, or name one that is there.",
        };
      }
    });
  },
});
