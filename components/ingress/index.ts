import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { resource } from "../kubernetes/resource.ts";
import { certificate } from "./certificate.ts";
import { middlewares } from "./middlewares.ts";
import { ingressRoute, redirect, serversTransport, traefikServices } from "./traefik.ts";

export { requirements } from "./requirements.ts";
export { type RouteId, routes, serviceLabel, serviceLabels } from "./routes.ts";

/** What an Ingress is made of. */
export interface IngressArgs {
  /** The stack's configuration. */
  config: StackConfig;
  /**
   * Traefik rules for requests that are refused with 401 before anything else.
   * @default []
   * @example ["HeaderRegexp(`Authorization`, `…`)"]
   */
  refusals?: readonly string[];
}

/**
 * How clients reach the cache from outside: certificate, middlewares, and a route for each kind of request. The
 * routes come last, so that no client meets Traefik's own certificate.
 */
export class Ingress extends pulumi.ComponentResource {
  constructor(name: string, args: IngressArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:ingress:Ingress", name, {}, options);
    const { config, refusals = [] } = args;
    const create = (manifest: Manifest, dependsOn: pulumi.Resource[] = []) =>
      resource(manifest, { parent: this, dependsOn });
    const some = { refusals: refusals.length > 0 };

    const transport = create(serversTransport(config));
    const services = traefikServices(config, some).map((service) => create(service, [transport]));
    const behind = [...services, ...middlewares(config, some).map((middleware) => create(middleware))];
    const signed = create(certificate(config));
    create(ingressRoute(config, refusals), [...behind, signed]);
    create(redirect(config), behind);

    this.registerOutputs({});
  }
}
