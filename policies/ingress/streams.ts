import { stackPolicy } from "../framework/policy.ts";
import { carriesUploads, eachRoute } from "./routes.ts";

const HOLDING = {
  buffering: "a NAR is read to its end before its first byte is passed on",
  compress: "NARs are compressed already, and Traefik spends its CPU on them",
  errors: "answers are held back until their status is known",
} as const;

/** NARs have gigabytes: whatever holds a body back costs memory, or breaks the upload. */
export const routesStream = stackPolicy({
  name: "routes-stream",
  description: "Nothing on the way holds a NAR back, compresses it, or sends an upload twice.",
  level: "mandatory",
  *check(stack) {
    yield* eachRoute(stack, function* (route) {
      const { resource, field, middlewares, middlewareNames } = route;
      const at = { resource, field: `${field}.middlewares`, found: middlewareNames };
      for (const [kind, problem] of Object.entries(HOLDING)) {
        if (!middlewares.some((each) => kind in each)) continue;
        yield { ...at, problem: `${kind}: ${problem}`, fix: "Take the middleware away." };
      }
      if (carriesUploads(route) && middlewares.some(({ retry }) => retry)) {
        yield {
          ...at,
          problem: "retry: an upload would be sent to a second pod",
          fix: "Retry what is only read.",
        };
      }
    });
  },
});
