import type { IIngressRoute } from "@kubernetes-models/traefik/traefik.io/v1alpha1/IngressRoute";
import type { IMiddleware } from "@kubernetes-models/traefik/traefik.io/v1alpha1/Middleware";
import { nameOf, namespaceOf, type Partially, specOf } from "../framework/kubernetes.ts";
import { each, type StackProblem, type Undecided } from "../framework/policy.ts";
import { ofKind, type Stack, type Subject } from "../framework/subject.ts";

const INGRESS_ROUTE = "traefik.io/IngressRoute";

type RouteSpec = Partially<IIngressRoute["spec"]>;

/** What a Middleware does. */
export type MiddlewareSpec = NonNullable<IMiddleware["spec"]>;

/** One route of an IngressRoute. */
export interface Route {
  resource: Subject;
  /** Path of the route in the object. */
  field: string;
  match: string;
  priority: number | undefined;
  entryPoints: string[];
  /** Names of its services. */
  services: string[];
  /** Names of its middlewares. */
  middlewareNames: string[];
  /** Its middlewares that the stack makes. */
  middlewares: MiddlewareSpec[];
}

/** The spec of an IngressRoute. */
export const routeSpecOf = (subject: Subject): RouteSpec => specOf<IIngressRoute["spec"]>(subject);

/** The IngressRoutes of a stack. */
export const ingressRoutes = (stack: Stack): Subject[] => ofKind(stack, INGRESS_ROUTE);

/** The routes of an IngressRoute. */
export function routesOf(stack: Stack, resource: Subject): Route[] {
  const { routes = [], entryPoints = [] } = routeSpecOf(resource);
  return routes.map(({ match = "", priority, services = [], middlewares = [] }, index) => {
    const middlewareNames = middlewares.map(({ name = "" }) => name);
    return {
      resource,
      field: `spec.routes[${index}]`,
      match,
      priority,
      entryPoints: [...entryPoints],
      services: services.map(({ name = "" }) => name),
      middlewareNames,
      middlewares: middlewareNames.flatMap((name) => middlewareOf(stack, resource, name) ?? []),
    };
  });
}

/** Judges every route of a stack. */
export const eachRoute = (
  stack: Stack,
  judge: (route: Route) => Iterable<StackProblem | Undecided>,
): Iterable<StackProblem | Undecided> =>
  each(ingressRoutes(stack), (resource) => each(routesOf(stack, resource), judge));

/** A Middleware in an IngressRoute's namespace; undefined where the stack makes none of that name. */
export function middlewareOf(stack: Stack, route: Subject, name: string): MiddlewareSpec | undefined {
  const found = ofKind(stack, "traefik.io/Middleware").find(
    (each) => nameOf(each) === name && namespaceOf(each) === namespaceOf(route),
  );
  return found && (specOf<MiddlewareSpec>(found) as MiddlewareSpec);
}

/** Whether a route's requests carry uploads. */
export const carriesUploads = ({ match }: Route): boolean => match.includes("upload-path");

/** Whether a route refuses whatever it takes: nobody has the addresses that it lets in. */
export const refuses = ({ middlewares }: Route): boolean =>
  middlewares.some(({ ipAllowList }) => {
    const ranges = ipAllowList?.sourceRange ?? [];
    return ipAllowList !== undefined && ranges.every((range) => range === "255.255.255.255/32");
  });
