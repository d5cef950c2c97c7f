import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { chart, stack } from "../chart.ts";
import { frame } from "../frame.ts";
import { changes } from "./bounds.ts";
import type { HpaRecording } from "./recording.ts";
import { hpaSpecs } from "./spec.ts";

/** What was recorded; `node pictures/hpa/record.ts` records it anew. */
export const readRecording = (): HpaRecording =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, "../data/hpa.json"), "utf8"));

/** How the autoscaler followed a load. */
export async function hpaPicture(recording: HpaRecording): Promise<string> {
  const { autoscaler, recorded, machine, kubernetes, command } = recording;
  const hold = autoscaler.behavior.scaleDown.stabilizationWindowSeconds / 60;
  const drawings = await Promise.all(hpaSpecs(recording).map(chart));
  return frame(
    {
      title: "How the API follows its load",
      lead: [
        "Up within seconds of what the autoscaler sees, since storms of cache misses begin at once; down only after",
        `${hold} quiet minutes, and then slowly, since they come in waves. Blue: replicas asked for; dotted: Ready.`,
      ],
      description: describe(recording),
      notes: [
        "Shaded: what the scaling policies allow. The control plane, its autoscaler and its metrics are real; nodes are simulated, and the",
        "load is declared, not traffic: it is shared evenly by the replicas that are Ready.",
        `Recorded on ${recorded.slice(0, 10)} by ${command}, Kubernetes ${kubernetes}, ${machine}.`,
      ],
    },
    stack(drawings, 8),
  );
}

function describe({
  samples,
  autoscaler: { minReplicas, maxReplicas, cpuUtilization },
}: HpaRecording): string {
  const steps = changes(samples).map(
    ({ seconds, demand, desired }) =>
      `at ${seconds} s, load ${demand} millicores, ${desired} replicas asked for`,
  );
  return `The autoscaler keeps between ${minReplicas} and ${maxReplicas} replicas, aiming at ${cpuUtilization} % of the requested CPU: ${steps.join("; ")}.`;
}
