import type { StackConfig } from "../../../config/index.ts";
import { type Operator, releases } from "../../operators/releases.ts";
import { series } from "../metrics/index.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import { each } from "./scope.ts";

/** Whether the operators run that the stack installs itself. Those that were there already are somebody else's. */
export function operators(config: StackConfig): RuleGroup[] {
  const rules = [...ingressDown(config), ...databaseOperatorDown(config)];
  return rules.length > 0 ? [{ name: "attic-operators", rules }] : [];
}

/**
 * PromQL: no pod is ready of one of these operators, which share a namespace. A chart names its Deployment after the
 * release.
 * @returns undefined when the stack installs none of them
 */
function down(config: StackConfig, some: readonly Operator[]): string | undefined {
  const installed = releases(config).filter(({ operator }) => some.includes(operator));
  const [first] = installed;
  if (!first) return undefined;
  const { namespace } = first;
  const deployment = new RegExp(installed.map(({ name }) => name).join("|"));
  const available = series("kube_deployment_status_replicas_available", { namespace, deployment });
  return `${each("namespace, deployment", available)} == 0`;
}

function ingressDown(config: StackConfig): Alert[] {
  const expr = down(config, ["traefik"]);
  if (!expr || !config.ingress.enabled) return [];
  return [
    {
      alert: "AtticIngressDown",
      expr,
      for: "2m",
      severity: "critical",
      summary: "No pod of Traefik is ready",
      description:
        "The Deployment {{ $labels.namespace }}/{{ $labels.deployment }} has had no ready pod for 2 minutes. No client " +
        "reaches the cache: pushes fail, and builds go on without it. No objective sees it.",
    },
  ];
}

function databaseOperatorDown(config: StackConfig): Alert[] {
  const { provider, cloudNativePg } = config.database;
  const expr = down(
    config,
    cloudNativePg.backup.enabled ? ["cloudNativePg", "barmanCloud"] : ["cloudNativePg"],
  );
  if (!expr || provider !== "cloudNativePg") return [];
  return [
    {
      alert: "AtticDatabaseOperatorDown",
      expr,
      for: "10m",
      severity: "warning",
      summary: "No pod of {{ $labels.deployment }} is ready",
      description:
        "The Deployment {{ $labels.namespace }}/{{ $labels.deployment }} has had no ready pod for 10 minutes. The " +
        "database runs, but nobody promotes a replica when its primary is lost, and no backup begins.",
    },
  ];
}
