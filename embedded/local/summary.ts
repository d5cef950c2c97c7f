import type { OutputValue } from "../engine/engine.ts";
import type { ProviderChoice } from "../engine/providers.ts";
import type { Autoscaler, ClusterPicture, Workload } from "./cluster.ts";
import { shown } from "./paths.ts";
import type { Screen } from "./terminal/screen.ts";
import type { Timing } from "./terminal/steps.ts";
import { cut, duration, table } from "./terminal/table.ts";

/** What `up` and `status` tell; `--json` prints it as it is. */
export interface Summary {
  stack: string;
  /** ISO 8601: when the control plane was started. */
  runningSince: string;
  server: string;
  kubernetes: string;
  nodes: number;
  kubeconfig: string;
  kubectl: string;
  cluster: ClusterPicture;
  /** Version of the database operator; undefined when none runs. */
  operator?: string;
  /** Of the last `up`; secrets masked. */
  outputs: Record<string, OutputValue>;
  providers: ProviderChoice[];
  /** Of this `up`; empty for `status`. */
  timings: Timing[];
}

/** What is not real here, in words. */
export function simulated(operator: string | undefined): string[] {
  return [
    "Nodes and pods are simulated (KWOK): they are scheduled, counted and become Ready, no container runs.",
    "There is no network: URLs, Services and NetworkPolicies are stored, and nothing answers or is refused.",
    operator
      ? `CloudNativePG ${operator} is the real operator; its instances are stand-ins without a PostgreSQL.`
      : "No operator runs: nobody acts on the database, certificate and routes. `--operators` runs the database's.",
  ];
}

type Colours = Screen["colours"];

/**
 * Lays a summary out for a terminal.
 *
 * @param width columns
 * @param now milliseconds since the epoch
 */
export function renderSummary(summary: Summary, colours: Colours, width: number, now = Date.now()): string[] {
  const { cluster, outputs, providers, timings } = summary;
  const lines = [
    "",
    `${colours.bold(`stack ${summary.stack}`)}  on an embedded Kubernetes ${summary.kubernetes} with ${summary.nodes} nodes`,
    `${summary.server}, running for ${duration(now - Date.parse(summary.runningSince))}`,
  ];
  const section = (title: string, rows: string[]) => {
    if (rows.length > 0) {
      lines.push("", colours.bold(title), ...rows);
    }
  };
  section("Workloads", table(cluster.workloads.map((workload) => workloadRow(workload, colours))));
  section("Autoscaling", table(cluster.autoscalers.map(autoscalerRow)));
  section(
    "Endpoints",
    table(
      cluster.routes.map(({ kind, namespace, name, hosts }) => [
        `${kind} ${namespace}/${name}`,
        hosts.join(", "),
      ]),
    ),
  );
  section(
    "Outputs",
    table(Object.entries(outputs).map(([name, output]) => [name, cut(outputText(output), width - 30)])),
  );
  section(
    "Providers",
    table(providers.map(({ name, version, description }) => [name, version, cut(description, width - 26)])),
  );
  section(
    "Simulated here",
    simulated(summary.operator).map((line) => `  ${line}`),
  );
  section(
    "Look around",
    [
      `KUBECONFIG=${shown(summary.kubeconfig)} ${shown(summary.kubectl)} -n ${mainNamespace(cluster)} get pods`,
      "npm run local -- status    this summary again",
      "npm run local -- preview   what a change of the program would do",
      "npm run local -- down      take everything away and stop",
    ].map((line) => `  ${line}`),
  );
  if (timings.length > 0) {
    const total = timings.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const parts = timings.map(({ title, milliseconds }) => `${title} ${duration(milliseconds)}`);
    lines.push("", colours.dim(`${duration(total)}: ${parts.join(", ")}`));
  }
  return lines;
}

function workloadRow({ kind, namespace, name, ready, desired, note }: Workload, colours: Colours): string[] {
  const scheduled = kind === "CronJob";
  const counted = `${ready}/${desired} ${kind === "Job" ? "done" : "ready"}`;
  const state = scheduled ? "" : ready >= desired ? colours.green(counted) : colours.yellow(counted);
  return [kind, `${namespace}/${name}`, state, note];
}

function autoscalerRow({ namespace, name, metrics, replicas, min, max }: Autoscaler): string[] {
  return [`${namespace}/${name}`, metrics.join(", "), `${replicas} replicas, ${min} to ${max}`];
}

/** One line for an output's value. */
export function outputText({ value, secret }: OutputValue): string {
  if (secret) {
    return "[secret]";
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.replaceAll("\n", "\\n");
}

/** The namespace with the most workloads: the one a person wants to see first. */
function mainNamespace({ workloads }: ClusterPicture): string {
  const counts = new Map<string, number>();
  for (const { namespace } of workloads) {
    counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "default";
}

/** Secrets out of outputs, before they are printed or kept. */
export function masked(outputs: Record<string, OutputValue>): Record<string, OutputValue> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { value, secret }]) => [
      name,
      { value: secret ? "[secret]" : value, secret },
    ]),
  );
}
