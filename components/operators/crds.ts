import type { StackConfig } from "../../config/index.ts";
import type { Operator } from "./releases.ts";

/** A kind of object that the stack makes, and that some operator defines. */
export interface RequiredCrd {
  /** Name of its CustomResourceDefinition. */
  name: string;
  group: string;
  kind: string;
  operator: Operator;
}

/** What people call the operators. */
const titles: Record<Operator, string> = {
  cloudNativePg: "CloudNativePG",
  barmanCloud: "the Barman Cloud plugin of CloudNativePG",
  certManager: "cert-manager",
  traefik: "Traefik",
};

/** The setting that makes the stack install an operator. */
export const installSetting = (operator: Operator) => `attic:operators.${operator}.install`;

const crd = (operator: Operator, group: string, kind: string): RequiredCrd => ({
  name: `${kind.toLowerCase()}s.${group}`,
  group,
  kind,
  operator,
});

const cluster = crd("cloudNativePg", "postgresql.cnpg.io", "Cluster");
const scheduledBackup = crd("cloudNativePg", "postgresql.cnpg.io", "ScheduledBackup");
const objectStore = crd("barmanCloud", "barmancloud.cnpg.io", "ObjectStore");
const certificate = crd("certManager", "cert-manager.io", "Certificate");
const issuer = crd("certManager", "cert-manager.io", "Issuer");
const traefik = ["IngressRoute", "Middleware", "ServersTransport", "TraefikService"].map((kind) =>
  crd("traefik", "traefik.io", kind),
);
const every = [cluster, scheduledBackup, objectStore, certificate, issuer, ...traefik];

/** The definitions that a stack needs, whoever installs them. */
export function requiredCrds({ database, ingress, operators }: StackConfig): RequiredCrd[] {
  const ownDatabase = database.provider === "cloudNativePg";
  const backups = ownDatabase && database.cloudNativePg.backup.enabled;
  const needed = [
    ...(ownDatabase ? [cluster] : []),
    ...(backups ? [scheduledBackup, objectStore] : []),
    // The plugin's own certificates.
    ...(operators.barmanCloud.install ? [certificate, issuer] : []),
    ...(ingress.enabled ? [certificate, ...traefik] : []),
  ];
  return [...new Set(needed)];
}

/**
 * The definitions that a stack needs and neither has nor installs.
 * @param present names of the definitions in the cluster
 */
export function missingCrds(config: StackConfig, present: Iterable<string>): RequiredCrd[] {
  const there = new Set(present);
  return requiredCrds(config).filter(
    ({ name, operator }) => !there.has(name) && !config.operators[operator].install,
  );
}

/** What to do about missing definitions, one operator to a line; undefined when none is missing. */
export function explainMissing(missing: readonly RequiredCrd[]): string | undefined {
  if (missing.length === 0) return undefined;
  const lines = [...Map.groupBy(missing, ({ operator }) => operator)].map(([operator, crds]) => {
    const names = crds.map(({ name }) => name).join(", ");
    return `  ${titles[operator]} (${names}): install it, or let the stack: ${installSetting(operator)}: true`;
  });
  return `the cluster lacks operators that this stack needs\n${lines.join("\n")}`;
}

/**
 * The same for an error of the Kubernetes provider about a kind that the cluster does not know; undefined for any
 * other error, and for a kind that is none of ours.
 */
export function explainUnknownKind(error: string): string | undefined {
  const [, kind, version] =
    /no (?:matches for )?kind "?(\w+)"? in (?:version )?"?([\w./-]+)/.exec(error) ?? [];
  const found = every.find((known) => known.kind === kind && known.group === version?.split("/")[0]);
  return explainMissing(found ? [found] : []);
}
