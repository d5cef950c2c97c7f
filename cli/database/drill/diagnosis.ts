import type { Cluster } from "../../cluster/index.ts";
import { kinds, type Live, ofDatabase } from "../objects.ts";

/** Messages of a failed recovery, and what they mean; docs/backups.md has the same. */
const known: [RegExp, string][] = [
  [/no target backup found/, "no full backup is older than the target, or the server name is wrong"],
  [/recovery ended before configured recovery target was reached/, "nothing was committed after the target"],
  [
    /WAL ends before consistent recovery point/,
    "the log in which the full backup ends is not in the archive yet; within five minutes of a replica's backup it is, and recovery is tried again by itself",
  ],
  [
    /AccessDenied|InvalidAccessKeyId|NoCredentials|Unable to locate credentials|Not authorized/i,
    "the archive may not be read",
  ],
  [/NoSuchBucket/, "the bucket is gone, or spelled otherwise"],
  [/No space left on device/, "the volume is too small for the backup"],
];

/** What can be told of a database that does not become ready: one line each, ending with where to look. */
export async function whyNotReady(cluster: Cluster, namespace: string): Promise<string[]> {
  const pods = await cluster.list<Live>(kinds.pod, { namespace, labels: ofDatabase });
  const found = await Promise.all(pods.map((pod) => ofPod(cluster, pod, namespace)));
  return [
    ...(pods.length === 0 ? ["there is no pod: does the operator run, and may it make pods there?"] : []),
    ...new Set(found.flat()),
    `with --keep: kubectl -n ${namespace} describe clusters.postgresql.cnpg.io attic-pg; kubectl -n ${namespace} logs -l ${ofDatabase} --all-containers --tail=100`,
  ];
}

async function ofPod(cluster: Cluster, pod: Live, namespace: string): Promise<string[]> {
  const { name } = pod.metadata;
  const statuses: {
    name: string;
    state?: { waiting?: { reason?: string } };
    lastState?: { terminated?: { reason?: string } };
  }[] = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const states = statuses.flatMap(({ name: container, state, lastState }) => {
    const reason = lastState?.terminated?.reason ?? state?.waiting?.reason;
    return reason && reason !== "Completed" && reason !== "PodInitializing"
      ? [`${name}/${container}: ${reason}`]
      : [];
  });
  const unschedulable = (pod.status?.conditions ?? []).find(
    ({ type, status }: { type: string; status: string }) => type === "PodScheduled" && status === "False",
  );
  const logs = await Promise.all(
    statuses.map(({ name: container }) =>
      cluster.logs(name, { namespace, container, tail: 200 }).catch(() => ""),
    ),
  );
  const log = logs.join("\n");
  return [
    ...states,
    ...(unschedulable ? [`${name}: ${unschedulable.message ?? "no node takes it"}`] : []),
    ...known.filter(([pattern]) => pattern.test(log)).map(([, meaning]) => `${name}: ${meaning}`),
  ];
}
