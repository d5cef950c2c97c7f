import { stackPolicy } from "../framework/policy.ts";
import { eachRoute, ingressRoutes, refuses, routesOf } from "./routes.ts";

/** A revoked token is refused only by the route that is asked first. */
export const refusalsFirst = stackPolicy({
  name: "refusals-first",
  description: "Every route has a priority of its own, and what refuses requests comes before all others.",
  level: "mandatory",
  *check(stack) {
    const routes = ingressRoutes(stack).flatMap((resource) => routesOf(stack, resource));
    const shared = (one: string[], other: string[]) => one.some((entry) => other.includes(entry));
    yield* eachRoute(stack, function* (route) {
      const { resource, field, priority, entryPoints } = route;
      if (priority === undefined || priority <= 0) {
        yield {
          resource,
          field: `${field}.priority`,
          found: priority,
          problem:
            "Traefik takes the rule's length, so that another route may come first when a name changes",
          fix: "Number it.",
        };
        return;
      }
      if (!refuses(route)) return;
      const above = routes.find(
        (other) =>
          !refuses(other) &&
          shared(other.entryPoints, entryPoints) &&
          (other.priority ?? Infinity) >= priority,
      );
      if (above === undefined) return;
      yield {
        resource,
        field: `${field}.priority`,
        found: priority,
        problem: `a route with priority ${above.priority} answers what is to be refused: ${above.match}`,
        fix: "Give what refuses the highest priority.",
      };
    });
  },
});
