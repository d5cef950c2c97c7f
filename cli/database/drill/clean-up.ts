import type { Cluster } from "../../cluster/index.ts";
import { until } from "../../cluster/until.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import type { World } from "../../world.ts";
import { kinds, type Live, volume } from "../objects.ts";
import { drillLabel } from "./scratch.ts";

/** How long a namespace may take to go, in milliseconds. A database stops within minutes when nobody uses it. */
const patience = 15 * 60_000;

/** The namespaces that drills of a stack left behind, or still work in. */
export async function drillsOf(cluster: Cluster): Promise<Live[]> {
  return cluster.list<Live>(kinds.namespace, {
    namespace: "*",
    labels: `${drillLabel}=${cluster.namespace}`,
  });
}

/**
 * Refuses to drill where a drill is going on, or left something behind.
 * @param name the namespace of the new one
 * @throws CliError that names what is there, and how it is removed
 */
export async function assertNoDrill(cluster: Cluster, name: string): Promise<void> {
  const [left] = await drillsOf(cluster);
  if (left) {
    const { annotations = {}, name: namespace } = left.metadata;
    throw new CliError(
      EXIT.refused,
      `a drill of before is still there: namespace ${namespace}, of ${annotations["atticctl/owner"] ?? "nobody knows whom"}, to be gone by ${annotations["atticctl/expires"] ?? "no time"}`,
      `when nobody works in it: kubectl delete namespace ${namespace}`,
    );
  }
  if (await cluster.find({ ...kinds.namespace, name })) {
    throw new CliError(
      EXIT.refused,
      `there is a namespace ${name} already, and it is not a drill's: it is left alone`,
      "delete or rename it",
    );
  }
}

/**
 * Removes a drill's namespace with all that is in it, and its volumes even where their class would keep them. Trouble
 * with a volume keeps nothing else: the namespace holds a copy of the live database.
 * @returns whether there was one
 * @throws CliError when something is still there after 15 minutes, or a volume may stay
 */
export async function removeDrill(
  world: Pick<World, "elapsed" | "sleep">,
  cluster: Cluster,
  namespace: string,
): Promise<boolean> {
  const found = await cluster.find<Live>({ ...kinds.namespace, name: namespace });
  if (!found) return false;
  if (found.metadata.labels?.[drillLabel] !== cluster.namespace) {
    throw new CliError(EXIT.refused, `namespace ${namespace} is not a drill's of ${cluster.namespace}`);
  }
  const { volumes, problems } = await letGo(cluster, namespace);
  await cluster.delete({ ...kinds.namespace, name: namespace });
  const { seen, done } = await until(
    world,
    () => leftOf(cluster, namespace, volumes),
    (left) => left.length === 0,
    { timeout: patience, interval: 2_000 },
  );
  if (done && problems.length === 0) return true;
  const stays = done ? [] : [`this does not go: ${seen.join(", ")}`];
  const kept = problems.map((problem) => `a volume with its data may stay: ${problem}`);
  throw new CliError(
    EXIT.failed,
    `the drill is over, but ${[...stays, ...kept].join("; ")}`,
    done
      ? `see whether one is left: kubectl get persistentvolumes | grep ${namespace}/`
      : `see what holds it: kubectl describe namespace ${namespace}`,
  );
}

/**
 * Has a namespace's volumes go with their claims.
 * @returns the volumes that will, and why others may not
 */
async function letGo(
  cluster: Cluster,
  namespace: string,
): Promise<{ volumes: string[]; problems: string[] }> {
  const volumes: string[] = [];
  const problems: string[] = [];
  const tell = (error: unknown) => {
    problems.push(error instanceof Error ? error.message : String(error));
  };
  for (const name of (await volumesIn(cluster, namespace).catch(tell)) ?? []) {
    await goesWithItsClaim(cluster, name).then(() => volumes.push(name), tell);
  }
  return { volumes, problems };
}

async function goesWithItsClaim(cluster: Cluster, name: string): Promise<void> {
  const found = await cluster.find<Live>(volume(name));
  if (!found || found.spec?.persistentVolumeReclaimPolicy === "Delete") return;
  await cluster.patch(volume(name), { spec: { persistentVolumeReclaimPolicy: "Delete" } });
}

async function leftOf(cluster: Cluster, namespace: string, volumes: string[]): Promise<string[]> {
  const there = await Promise.all([
    cluster
      .find({ ...kinds.namespace, name: namespace })
      .then((one) => (one ? [`namespace ${namespace}`] : [])),
    ...volumes.map((name) => cluster.find(volume(name)).then((one) => (one ? [`volume ${name}`] : []))),
  ]);
  return there.flat();
}

/** The names of the volumes that a namespace's claims are bound to. */
export async function volumesIn(cluster: Cluster, namespace: string, labels?: string): Promise<string[]> {
  const claims = await cluster.list<Live>(kinds.claim, { namespace, ...(labels && { labels }) });
  return claims.flatMap(({ spec }) => (spec?.volumeName ? [spec.volumeName as string] : []));
}
