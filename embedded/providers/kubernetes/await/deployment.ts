import { isDeepStrictEqual } from "node:util";
import type { Props } from "../../provider.ts";
import { conditionOf, conditionsOf, type KubeObject, label, type Metadata } from "../object.ts";
import { eventReasons, warningsAbout } from "./events.ts";
import { isOwned, listSelected, podReasons, podsOf } from "./pods.ts";
import { isFinalRefusal } from "./refusal.ts";
import { failed, isObserved, type Look, READY, type Verdict, type Waiter, waiting } from "./verdict.ts";

/** A Deployment is ready when all its pods are of the newest template and available. */
export const deployment: Waiter = {
  async judge(live, look) {
    const verdict = judgeRollout(live);
    if (verdict.state !== "waiting" || conditionOf(live, "ReplicaFailure")?.status !== "True") return verdict;
    // The condition may be an old template's, which this very rollout replaces.
    const refusal = await newestRefusal(live, look);
    return refusal !== undefined && isFinalRefusal(refusal, look.elapsed)
      ? failed(`its pods can't be created: ${refusal}`)
      : verdict;
  },

  async explain(live, look) {
    const replicaSet = await newestReplicaSet(live, look);
    const owners = replicaSet === undefined ? [] : [replicaSet];
    const pods = await podsOf(owners, look);
    const events = await warningsAbout([live, ...owners, ...pods], look);
    return [...conditionReasons(live), ...podReasons(pods), ...eventReasons(events)];
  },
};

/** The rollout as the Deployment itself reports it. */
export function judgeRollout(live: KubeObject): Verdict {
  if (!isObserved(live)) return waiting("the deployment controller to see the change");
  const { replicas: desired = 1, paused = false } = (live.spec ?? {}) as {
    replicas?: number;
    paused?: boolean;
  };
  if (paused) return READY;
  const {
    updatedReplicas = 0,
    replicas = 0,
    availableReplicas = 0,
  } = (live.status ?? {}) as Record<string, number>;
  if (updatedReplicas >= desired && replicas <= updatedReplicas && availableReplicas >= updatedReplicas)
    return READY;
  if (conditionOf(live, "Progressing")?.reason === "ProgressDeadlineExceeded") {
    const { progressDeadlineSeconds = 600 } = (live.spec ?? {}) as { progressDeadlineSeconds?: number };
    const progress = `${availableReplicas} of ${desired} pods available, ${updatedReplicas} updated`;
    return failed(`${label(live)} made no progress for ${progressDeadlineSeconds} s: ${progress}`);
  }
  if (updatedReplicas < desired) return waiting(`${updatedReplicas} of ${desired} pods updated`);
  if (replicas > updatedReplicas) return waiting(`${replicas - updatedReplicas} old pods to end`);
  return waiting(`${availableReplicas} of ${desired} pods available`);
}

async function newestReplicaSet(live: KubeObject, look: Look): Promise<KubeObject | undefined> {
  const all = await listSelected("/apis/apps/v1", "replicasets", live, look);
  const template = podTemplate(live);
  return all.find(
    (replicaSet) =>
      isOwned(replicaSet.metadata, new Set([live.metadata.uid])) &&
      isDeepStrictEqual(podTemplate(replicaSet), template),
  );
}

/** The template without the label that the controller adds: how it tells itself which ReplicaSet is the newest. */
function podTemplate({ spec }: KubeObject): Props {
  const template = (spec?.template ?? {}) as Props;
  const metadata = { ...(template.metadata as Metadata | undefined) };
  const { "pod-template-hash": _, ...labels } = metadata.labels ?? {};
  return { ...template, metadata: { ...metadata, labels } };
}

async function newestRefusal(live: KubeObject, look: Look): Promise<string | undefined> {
  const replicaSet = await newestReplicaSet(live, look);
  const condition = replicaSet && conditionOf(replicaSet, "ReplicaFailure");
  return condition?.status === "True" ? condition.message : undefined;
}

function conditionReasons(live: KubeObject): string[] {
  return conditionsOf(live)
    .filter(({ type, status }) => status === (type === "ReplicaFailure" ? "True" : "False"))
    .map(({ type, reason, message }) => `Condition ${type}: ${reason}: ${message}`);
}
