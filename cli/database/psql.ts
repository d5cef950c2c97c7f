import type { Cluster } from "../cluster/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { type Live, refs } from "./objects.ts";

/** The pod of a database's primary; undefined when the operator names none, or it is not running. */
export async function primaryOf(
  cluster: Cluster,
  namespace = cluster.namespace,
): Promise<string | undefined> {
  const database = await cluster.find<Live>({ ...refs.cluster, namespace });
  const name: string | undefined = database?.status?.currentPrimary;
  if (!name) return undefined;
  const pod = await cluster.find<Live>({ apiVersion: "v1", kind: "Pod", name, namespace });
  const postgres = (pod?.status?.containerStatuses ?? []).find(
    (container: { name: string }) => container.name === "postgres",
  );
  return postgres?.ready ? name : undefined;
}

/** Where a statement is run. */
export interface Session {
  pod: string;
  namespace: string;
  /** @default "postgres", in which nothing of Attic is */
  database?: string;
}

/**
 * Runs SQL as the superuser, by the socket inside the instance's container, so that no password is needed.
 * @param timeout seconds until PostgreSQL has to have answered
 * @returns what it printed: values alone, one row a line, columns with `|` between
 * @throws CliError with what PostgreSQL said
 * @throws ClusterError when it says nothing in time, or cannot be asked
 */
export async function psql(
  cluster: Cluster,
  { pod, namespace, database = "postgres" }: Session,
  sql: string,
  timeout = 60,
): Promise<string> {
  const command = ["psql", "-X", "-A", "-t", "-q", "-U", "postgres", "-d", database];
  const { code, stdout, stderr } = await cluster.exec(
    pod,
    "postgres",
    [...command, "-v", "ON_ERROR_STOP=1", "-c", sql],
    { namespace, timeout },
  );
  if (code === 0) return stdout.trim();
  throw new CliError(
    EXIT.failed,
    `PostgreSQL in ${namespace}/${pod} did not answer: ${stderr.trim().split("\n")[0] || `psql ended with ${code}`}`,
    `see: kubectl -n ${namespace} logs ${pod} -c postgres --tail=50`,
  );
}
