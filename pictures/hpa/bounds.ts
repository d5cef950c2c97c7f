import type { AutoscalerSettings, Sample, ScalingRules } from "./recording.ts";

/** Between which counts the scaling policies let the replicas be at a moment. */
export interface Bounds {
  seconds: number;
  least: number;
  most: number;
}

/**
 * What the policies allow at each sample, counted from the replicas that were asked for at the beginning of each
 * policy's period, and within the minimum and the maximum. Of several policies the one that allows more counts, as the
 * autoscaler has it. Stabilization, which may hold it longer, is not in it.
 */
export function bounds(
  samples: readonly Sample[],
  { minReplicas, maxReplicas, behavior }: AutoscalerSettings,
): Bounds[] {
  const at = (seconds: number) =>
    (samples.findLast((each) => each.seconds <= seconds) ?? samples[0])?.desired ?? 0;
  const reach = (seconds: number, { policies }: ScalingRules) =>
    policies.map(({ type, value, periodSeconds }) => {
      const before = at(seconds - periodSeconds);
      return { before, change: type === "Pods" ? value : (before * value) / 100 };
    });
  return samples.map(({ seconds }) => {
    const up = reach(seconds, behavior.scaleUp).map(({ before, change }) => Math.ceil(before + change));
    const down = reach(seconds, behavior.scaleDown).map(({ before, change }) => Math.floor(before - change));
    return {
      seconds,
      least: Math.max(minReplicas, Math.min(...down)),
      most: Math.min(maxReplicas, Math.max(...up)),
    };
  });
}

/** A moment at which the load or the replicas changed, for those who read instead of look. */
export interface Change {
  seconds: number;
  demand: number;
  desired: number;
}

/** The samples at which the declared load, or the replicas that are asked for, are others than before. */
export function changes(samples: readonly Sample[]): Change[] {
  return samples
    .filter(({ demand, desired }, at) => {
      const before = samples[at - 1];
      return !before || before.demand !== demand || before.desired !== desired;
    })
    .map(({ seconds, demand, desired }) => ({ seconds, demand, desired }));
}
