/** From a moment on, all replicas together use this much. */
export interface Phase {
  /** Seconds since the recording began. */
  from: number;
  /** In millicores. */
  demand: number;
}

/** A quiet minute, a storm of cache misses, a worse one that is more than the maximum is for, and quiet again. */
export const phases: readonly Phase[] = [
  { from: 0, demand: 90 },
  { from: 60, demand: 520 },
  { from: 150, demand: 900 },
  { from: 240, demand: 90 },
];

/** What all replicas together use at a time, in millicores. */
export function demandAt(seconds: number): number {
  return phases.findLast(({ from }) => from <= seconds)?.demand ?? 0;
}

/** What each replica then uses, in whole millicores: a demand is shared evenly. */
export const shareOf = (demand: number, replicas: number) => Math.ceil(demand / Math.max(1, replicas));

/** What each replica uses of memory, whatever it does: what an idle server was measured to. */
export const memory = "26Mi";
