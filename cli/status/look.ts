import { names } from "../../components/attic/names.ts";
import { ofDatabase } from "../../components/observability/alerts/scope.ts";
import { series } from "../../components/observability/metrics/index.ts";
import { type Cluster, ClusterError } from "../cluster/index.ts";
import type { Deployed } from "../deployed.ts";
import { embeddedStack } from "../deployments/index.ts";
import { CliError } from "../errors.ts";
import type { OpenedStack } from "../stack.ts";
import { declaredObjects } from "./declared.ts";
import { readBackups, readDatabase } from "./read/database.ts";
import { readCertificate, readObjects } from "./read/objects.ts";
import { type PrometheusSource, prometheusIn, readPrometheus } from "./read/prometheus.ts";
import { readAutoscaler, readBudget } from "./read/scaling.ts";
import { readTokens } from "./read/tokens.ts";
import { readCollector, readMigration, readRollout } from "./read/workloads.ts";
import { seen } from "./seen.ts";
import type { Backups, Database, Seen, Snapshot, Tokens } from "./snapshot.ts";

/** What is looked at. */
export interface Looking {
  stack: OpenedStack;
  cluster: Cluster;
  /** Pulumi's outputs; asked for once, however often is looked. */
  deployed: () => Promise<Deployed>;
  /** A Prometheus that was given. @default one is looked for in the cluster */
  prometheus?: PrometheusSource;
}

/**
 * Looks at a stack once.
 * @param now the time by which ages are told and revocations end
 * @throws ClusterError when the cluster does not answer, has no such namespace, or shows this person nothing at all
 */
export async function look(looking: Looking, now: Date): Promise<Snapshot> {
  const { stack, cluster } = looking;
  const { config } = stack;
  const { namespace } = config;
  const [kubernetes] = await Promise.all([cluster.version(), namespaceThere(stack, cluster)]);
  const declared = declaredObjects(config, now);
  const { routes, rules, policies } = declared;
  const postgres = config.database.provider === "cloudNativePg";

  const [api, collector, migrations, autoscaler, budget, stored, certificate, tokens, ...others] =
    await Promise.all([
      seen(`Deployment ${names.api}`, () => readRollout(cluster, names.api)),
      seen(`garbage collector ${names.collector}`, () => readCollector(cluster, config)),
      seen(`Job ${declared.migrations}`, () => readMigration(cluster, declared.migrations)),
      seen(`HorizontalPodAutoscaler ${names.api}`, () => readAutoscaler(cluster)),
      seen(`PodDisruptionBudget ${names.api}`, () => readBudget(cluster)),
      postgres ? readStored(looking) : undefined,
      config.ingress.enabled ? seen(`Certificate ${names.api}`, () => readCertificate(cluster)) : undefined,
      tokensOf(looking, now),
      routes && seen("Traefik's objects", () => readObjects(cluster, routes)),
      rules && seen("PrometheusRules", () => readObjects(cluster, rules)),
      policies && seen("NetworkPolicies", () => readObjects(cluster, policies)),
    ]);
  const [routesSeen, rulesSeen, policiesSeen] = others;
  const given = looking.prometheus;
  const prometheus = await readPrometheus(async () => (given ? [given] : prometheusIn(cluster)), {
    namespace,
    ruleGroups: declared.ruleGroups,
    ...(postgres && { lag: `max(${series("cnpg_pg_replication_lag", ofDatabase(config))})` }),
  });
  const workloads = [api, collector, migrations, autoscaler, budget];
  const [first] = workloads;
  if (first?.is === "unreadable" && workloads.every(({ is }) => is === "unreadable")) {
    throw new ClusterError(
      "forbidden",
      `nothing of namespace ${namespace} can be seen: ${first.why}`,
      `ask whoever runs the cluster for the rights that docs/verify.md lists, or use another context than ${cluster.context}`,
      403,
    );
  }
  return {
    stack: stack.name,
    time: now.toISOString(),
    url: config.server.apiEndpoint,
    image: config.image,
    cluster: { context: cluster.context, server: cluster.server, kubernetes },
    embedded: stack.name.split("/").at(-1) === embeddedStack,
    namespace,
    api,
    collector,
    migrations,
    autoscaler,
    budget,
    ...(stored && { database: stored.database }),
    ...(stored?.backup && { backup: stored.backup }),
    ...(certificate && { certificate }),
    tokens,
    ...(routesSeen && { routes: routesSeen }),
    ...(rulesSeen && { rules: rulesSeen }),
    ...(policiesSeen && { policies: policiesSeen }),
    prometheus,
  };
}

/** A namespace that is not there is most likely another cluster's. Who may not ask for it is not kept from looking. */
async function namespaceThere(stack: OpenedStack, cluster: Cluster): Promise<void> {
  const { namespace } = stack.config;
  const found = await seen(namespace, () =>
    cluster.get({ apiVersion: "v1", kind: "Namespace", name: namespace }),
  );
  if (found.is !== "missing") return;
  throw new ClusterError(
    "notFound",
    `the cluster has no namespace ${namespace}, where stack ${stack.name} is to be`,
    `is context ${cluster.context} of ${cluster.source} the right one (${cluster.server}), and was the stack brought up?`,
    404,
  );
}

/** The database and its backups, which archive under a name that the database tells. */
async function readStored({
  cluster,
  stack: { config },
}: Looking): Promise<{ database: Seen<Database>; backup?: Seen<Backups> }> {
  const database = await seen(`Cluster ${names.database}`, () => readDatabase(cluster));
  if (!config.database.cloudNativePg.backup.enabled) return { database };
  const found = database.is === "there" ? database.value : undefined;
  return {
    database,
    backup: await seen(`ObjectStore ${names.database}`, () => readBackups(cluster, config, found)),
  };
}

/** Without Pulumi's state the cluster can still be looked at. */
async function tokensOf({ stack, deployed }: Looking, now: Date): Promise<Seen<Tokens>> {
  try {
    return { is: "there", value: readTokens(stack.config, await deployed(), now) };
  } catch (error) {
    if (error instanceof CliError) return { is: "unreadable", why: error.message };
    throw error;
  }
}
