import { names } from "../../../components/attic/names.ts";
import type { Cluster, KubeObject } from "../../cluster/index.ts";
import type { Autoscaler, Budget } from "../snapshot.ts";
import { type Condition, condition, said } from "./conditions.ts";

interface Resource {
  name: string;
  target?: { averageUtilization?: number };
  current?: { averageUtilization?: number };
}

type HorizontalPodAutoscaler = KubeObject<
  { minReplicas?: number; maxReplicas: number; metrics?: { resource?: Resource }[] },
  {
    currentReplicas?: number;
    desiredReplicas?: number;
    currentMetrics?: { resource?: Resource }[] | null;
    conditions?: Condition[];
  }
>;

/** The API's autoscaler. */
export async function readAutoscaler(cluster: Cluster): Promise<Autoscaler> {
  const { spec, status = {} } = await cluster.get<HorizontalPodAutoscaler>({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    name: names.api,
  });
  const measured = (name: string) =>
    status.currentMetrics?.find(({ resource }) => resource?.name === name)?.resource?.current
      ?.averageUtilization;
  const active = condition(status.conditions, "ScalingActive");
  const able = condition(status.conditions, "AbleToScale");
  const limited = condition(status.conditions, "ScalingLimited");
  const why = [able, active].find((each) => each?.status === "False");
  return {
    min: spec?.minReplicas ?? 1,
    max: spec?.maxReplicas ?? 0,
    current: status.currentReplicas ?? 0,
    desired: status.desiredReplicas ?? 0,
    metrics: (spec?.metrics ?? []).flatMap(({ resource }) => {
      if (!resource) return [];
      const current = measured(resource.name);
      return {
        name: resource.name,
        target: resource.target?.averageUtilization ?? 0,
        ...(current !== undefined && { current }),
      };
    }),
    ...(why && { inactive: said(why) }),
    ...(limited?.status === "True" && {
      limited: { reason: limited.reason ?? "", message: limited.message ?? "" },
    }),
  };
}

type PodDisruptionBudget = KubeObject<
  unknown,
  { disruptionsAllowed?: number; currentHealthy?: number; desiredHealthy?: number }
>;

/** The API's disruption budget. */
export async function readBudget(cluster: Cluster): Promise<Budget> {
  const { status = {} } = await cluster.get<PodDisruptionBudget>({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    name: names.api,
  });
  return {
    allowed: status.disruptionsAllowed ?? 0,
    healthy: status.currentHealthy ?? 0,
    needed: status.desiredHealthy ?? 0,
  };
}
