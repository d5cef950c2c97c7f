import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type KubeClient,
  kubeClient,
  simulateLoad,
  stopControlPlane,
} from "../../embedded/control-plane/index.ts";
import { onInterrupt } from "../../embedded/local/interrupts.ts";
import { localPaths } from "../../embedded/local/paths.ts";
import { Screen } from "../../embedded/local/terminal/screen.ts";
import { up } from "../../embedded/local/up.ts";
import { demandAt, memory, phases, shareOf } from "./load.ts";
import { type HpaRecording, type Sample, settingsOf } from "./recording.ts";

// Runs stack local on an embedded control plane of its own, declares a load and writes down what the autoscaler
// does, for about a quarter of an hour. The load is shared by the replicas that are Ready, so that more of them have
// less to do each, as with requests.

const namespace = "nix-cache";
const autoscaler = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/attic`;
const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/attic`;

const everySeconds = 5;
/** How long it is still watched once it is back at the minimum. */
const afterwardsSeconds = 40;
const patienceSeconds = 1500;

interface Autoscaler {
  spec: Parameters<typeof settingsOf>[0];
  status?: {
    desiredReplicas?: number;
    currentMetrics?: { resource?: { name: string; current: { averageUtilization?: number } } }[];
  };
}

interface Deployment {
  spec: { template: { spec: { containers: { resources: { requests: { cpu: string } } }[] } } };
  status?: { readyReplicas?: number };
}

async function look(
  client: KubeClient,
): Promise<Pick<Sample, "utilization" | "memoryUtilization" | "desired" | "ready">> {
  const [{ status }, { status: pods }] = await Promise.all([
    client.json<Autoscaler>("GET", autoscaler),
    client.json<Deployment>("GET", deployment),
  ]);
  const current = (name: string) =>
    status?.currentMetrics?.find(({ resource }) => resource?.name === name)?.resource?.current
      .averageUtilization ?? null;
  return {
    utilization: current("cpu"),
    memoryUtilization: current("memory"),
    desired: status?.desiredReplicas ?? 0,
    ready: pods?.readyReplicas ?? 0,
  };
}

/** Waits until the autoscaler has seen a utilization, which takes metrics-server some seconds. */
async function untilMeasured(client: KubeClient): Promise<void> {
  while ((await look(client)).utilization === null) await sleep(1000);
}

async function watch(client: KubeClient, kubeconfig: string): Promise<Sample[]> {
  const { minReplicas } = (await client.json<Autoscaler>("GET", autoscaler)).spec;
  const samples: Sample[] = [];
  const began = performance.now();
  const last = phases.at(-1)?.from ?? 0;
  let declared = "";
  let end = patienceSeconds;
  for (let seconds = 0; seconds <= end; seconds = Math.round((performance.now() - began) / 1000)) {
    const seen = await look(client);
    const demand = demandAt(seconds);
    const cpu = `${shareOf(demand, seen.ready)}m`;
    if (cpu !== declared) {
      await simulateLoad(kubeconfig, {
        namespace,
        cpu,
        memory,
        labels: { "app.kubernetes.io/name": "attic" },
      });
      declared = cpu;
    }
    if (seconds >= samples.length * everySeconds) {
      samples.push({ seconds: samples.length * everySeconds, demand, ...seen });
      console.error(JSON.stringify(samples.at(-1)));
    }
    const isBack = seconds > last && seen.ready === minReplicas && seen.desired === minReplicas;
    if (isBack && end === patienceSeconds) end = seconds + afterwardsSeconds;
    await sleep(500);
  }
  return samples;
}

const millicores = (quantity: string) =>
  quantity.endsWith("m") ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;

const root = mkdtempSync(join(tmpdir(), "attic-pictures-"));
const paths = localPaths(root);
const interrupt = onInterrupt(console.error);
try {
  const { kubeconfig, kubernetes } = await up({ paths, screen: new Screen(), interrupt });
  const client = await kubeClient(kubeconfig);
  await interrupt.orStop(untilMeasured(client));
  const samples = await interrupt.orStop(watch(client, kubeconfig));
  const [container] = (await client.json<Deployment>("GET", deployment)).spec.template.spec.containers;
  const recording: HpaRecording = {
    recorded: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}`,
    kubernetes,
    command: "node pictures/hpa/record.ts",
    requestMillicores: millicores(container?.resources.requests.cpu ?? "0"),
    autoscaler: settingsOf((await client.json<Autoscaler>("GET", autoscaler)).spec),
    samples,
  };
  client.close();
  const lines = samples.map((sample) => `    ${JSON.stringify(sample)}`).join(",\n");
  const text = JSON.stringify({ ...recording, samples: [] }, null, 2).replace(
    /"samples": \[\]/,
    `"samples": [\n${lines}\n  ]`,
  );
  writeFileSync(resolve(import.meta.dirname, "../data/hpa.json"), `${text}\n`);
} finally {
  await stopControlPlane({ stateDir: paths.controlPlane, wipe: true });
  rmSync(root, { recursive: true, force: true });
  interrupt.release();
}
process.exit(0);
