import type { StackConfig } from "../../config/index.ts";
import { monitors } from "../observability/monitors.ts";
import type { Operator } from "./releases.ts";

/** What people call each operator, and the version of its API that the stack uses, as the API server lists it. */
const apis: Record<Operator, { title: string; api: string }> = {
  cloudNativePg: { title: "CloudNativePG", api: "v1.postgresql.cnpg.io" },
  barmanCloud: { title: "the Barman Cloud plugin", api: "v1.barmancloud.cnpg.io" },
  certManager: { title: "cert-manager", api: "v1.cert-manager.io" },
  traefik: { title: "Traefik", api: "v1alpha1.traefik.io" },
};

/** An API that the cluster must have before the stack can be made. */
export interface ExpectedApi {
  /** Name of its APIService. */
  api: string;
  /** What Pulumi calls the look-up, and so what a person reads when the API is missing. */
  lookUp: string;
}

/** The APIs that the stack uses and whose operators it does not install itself. */
export function expectedApis(config: StackConfig): ExpectedApi[] {
  const { database, ingress, operators } = config;
  const ownDatabase = database.provider === "cloudNativePg";
  const used: Record<Operator, boolean> = {
    cloudNativePg: ownDatabase,
    barmanCloud: ownDatabase && database.cloudNativePg.backup.enabled,
    // The plugin's own certificates need it, too.
    certManager: ingress.enabled || operators.barmanCloud.install,
    traefik: ingress.enabled,
  };
  const installable = (Object.keys(apis) as Operator[])
    .filter((operator) => used[operator] && !operators[operator].install)
    .map((operator) => {
      const { title, api } = apis[operator];
      return expected(title, api, [`operators.${operator}.install: true`]);
    });
  const switches = monitoringSwitches(config).map((key) => `${key}: false`);
  return switches.length === 0
    ? installable
    : [...installable, expected("the Prometheus operator", "v1.monitoring.coreos.com", switches)];
}

const expected = (title: string, api: string, settings: string[]): ExpectedApi => ({
  api,
  lookUp: `the cluster has ${title}, or else set ${settings.map((setting) => `attic:${setting}`).join(" and ")}`,
});

/** What is on that needs the Prometheus operator, which the stack cannot install. */
function monitoringSwitches(config: StackConfig): string[] {
  const { database, observability } = config;
  const on: Record<string, boolean> = {
    "observability.rules.enabled": observability.rules.enabled,
    "observability.monitors.enabled":
      monitors(config).length > 0 ||
      (observability.monitors.enabled && database.provider === "cloudNativePg"),
  };
  return Object.keys(on).filter((key) => on[key]);
}
