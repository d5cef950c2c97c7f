import { migrations } from "../../components/attic/migrations.ts";
import { names } from "../../components/attic/names.ts";
import { middlewares } from "../../components/ingress/middlewares.ts";
import {
  ingressRoute,
  redirect,
  serversTransport,
  traefikServices,
} from "../../components/ingress/traefik.ts";
import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { ofKind } from "../../components/kubernetes/manifest.ts";
import { networkPolicies } from "../../components/network/policies.ts";
import { ruleObjects } from "../../components/observability/rule-objects.ts";
import { refusals } from "../../components/tokens/revocation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Ref } from "../cluster/index.ts";

/** A group of rules. */
export interface RuleGroupRef {
  name: string;
  /** The PrometheusRule that holds it. */
  rule: string;
}

/** What an update of this configuration makes, by the program's own builders: names that are looked for. */
export interface Declared {
  /** The Job that migrates for the declared image. */
  migrations: string;
  /** Traefik's objects; undefined when the stack makes none. */
  routes?: Ref[];
  /** PrometheusRules; undefined when the stack makes none. */
  rules?: Ref[];
  /** The groups in the rules. */
  ruleGroups: RuleGroupRef[];
  /** NetworkPolicies; undefined when the stack makes none. */
  policies?: Ref[];
}

/** The objects of a configuration at a time, which decides about revocations. */
export function declaredObjects(config: StackConfig, now: Date): Declared {
  const { ingress, observability, network, tokens } = config;
  const anyToken = [tokens.ci, tokens.readOnly, tokens.service, tokens.root].some(
    (kind) => Object.keys(kind).length > 0,
  );
  const rules = ruleObjects(config);
  const tokenRules = anyToken ? [`${names.api}-tokens`] : [];
  return {
    migrations: ofKind("Job", migrations(config)).metadata.name,
    ...(ingress.enabled && { routes: traefik(config, now).map(ref) }),
    ...(observability.rules.enabled && {
      rules: [...Object.keys(rules), ...tokenRules].map((name) => ({
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        name,
      })),
    }),
    ruleGroups: observability.rules.enabled
      ? [
          ...Object.entries(rules).flatMap(([rule, groups]) => groups.map(({ name }) => ({ name, rule }))),
          ...tokenRules.map((name) => ({ name, rule: name })),
        ]
      : [],
    ...(network.enabled && { policies: networkPolicies(config).map(ref) }),
  };
}

function traefik(config: StackConfig, now: Date): Manifest[] {
  const refused = refusals(config, now);
  const some = { refusals: refused.length > 0 };
  return [
    ingressRoute(config, refused),
    redirect(config),
    serversTransport(config),
    ...traefikServices(config, some),
    ...middlewares(config, some),
  ];
}

const ref = ({ apiVersion, kind, metadata }: Manifest): Ref => ({
  apiVersion,
  kind,
  name: metadata.name as string,
});
