import { stackPolicy } from "../framework/policy.ts";
import { eachRoute } from "./routes.ts";
import { namesHost, parseRule } from "./rule.ts";

/** Traefik serves the whole cluster: a route without a host takes the requests of everybody else's. */
export const routesHost = stackPolicy({
  name: "routes-host",
  description: "Every route names the hosts that it is for.",
  level: "mandatory",
  *check(stack) {
    yield* eachRoute(stack, function* ({ resource, field, match }) {
      if (namesHost(parseRule(match))) return;
      yield {
        resource,
        field: `${field}.match`,
        found: match,
        problem: "the route takes requests for other hosts, too",
        fix: "Begin the rule with Host(`…`) && …",
      };
    });
  },
});
