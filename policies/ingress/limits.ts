import { stackPolicy } from "../framework/policy.ts";
import { carriesUploads, eachRoute, type MiddlewareSpec, refuses } from "./routes.ts";

/** One client that runs wild must not keep everybody else waiting. */
export const routesLimited = stackPolicy({
  name: "routes-limited",
  description: "What one client may ask for is limited: requests a second, or uploads under way.",
  level: "mandatory",
  *check(stack) {
    yield* eachRoute(stack, function* (route) {
      const { resource, field, middlewares, middlewareNames: found } = route;
      if (refuses(route) || middlewares.some(({ redirectScheme }) => redirectScheme)) return;
      if (carriesUploads(route)) {
        const limits = middlewares.flatMap(({ inFlightReq }) => inFlightReq ?? []);
        if (limits.some(({ amount, sourceCriterion }) => Number(amount) > 0 && perClient(sourceCriterion)))
          return;
        yield {
          resource,
          field: `${field}.middlewares`,
          found,
          problem: "one client may fill every pod with uploads, or all clients share one limit",
          fix: "Add inFlightReq with an amount and sourceCriterion.ipStrategy; by default it counts the whole host.",
        };
        return;
      }
      if (middlewares.some(({ rateLimit }) => Number(rateLimit?.average) > 0)) return;
      yield {
        resource,
        field: `${field}.middlewares`,
        found,
        problem: "one client may ask as often as it likes",
        fix: "Add rateLimit with an average.",
      };
    });
  },
});

const perClient = (criterion: NonNullable<MiddlewareSpec["inFlightReq"]>["sourceCriterion"]) =>
  criterion?.ipStrategy !== undefined;
