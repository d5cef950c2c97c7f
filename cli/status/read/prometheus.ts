import { basename } from "node:path";
import { exchange } from "../../attic-api/exchange.ts";
import { type Cluster, ClusterError, type KubeObject, type RawAnswer } from "../../cluster/index.ts";
import type { RuleGroupRef } from "../declared.ts";
import type { Prometheus, Seen } from "../snapshot.ts";

/** A Prometheus that can be asked; the path begins at `api/v1/`. */
export interface PrometheusSource {
  /** Where it is, for people; without a password. */
  from: string;
  ask(path: string): Promise<RawAnswer>;
}

/** Milliseconds for an answer: what cannot be told at once is left out of the picture. */
const timeout = 5_000;

/** The Prometheus at a URL. */
export function prometheusAt(url: URL): PrometheusSource {
  const base = url.href.endsWith("/") ? url.href : `${url.href}/`;
  return {
    from: `${url.protocol}//${url.host}${url.pathname}`,
    ask: (path) => exchange({ method: "GET", url: new URL(path, base), headers: {}, timeout }),
  };
}

type Service = KubeObject<{ ports?: { name?: string; port: number }[] }>;

/** What the Services of a Prometheus are labelled with: by its operator, else by its chart. */
const selectors = ["operated-prometheus=true", "app.kubernetes.io/name=prometheus"];

/** Every Prometheus whose Service is found in the cluster, through the API server's proxy. */
export async function prometheusIn(cluster: Cluster): Promise<PrometheusSource[]> {
  const found: PrometheusSource[] = [];
  for (const labels of selectors) {
    const services = await cluster.list<Service>(
      { apiVersion: "v1", kind: "Service" },
      { namespace: "*", labels },
    );
    for (const { metadata, spec } of services) {
      const port = spec?.ports?.find(
        ({ name = "", port }) => port === 9090 || /^(http-)?web$|^http$/.test(name),
      )?.port;
      if (port === undefined) continue;
      const { name, namespace = "default" } = metadata;
      const proxy = `/api/v1/namespaces/${namespace}/services/http:${name}:${port}/proxy/`;
      found.push({ from: `Service ${namespace}/${name}`, ask: (path) => cluster.raw(proxy + path) });
    }
  }
  return found;
}

/** What is asked about. */
export interface Question {
  namespace: string;
  /** The groups that the stack's PrometheusRules have. */
  ruleGroups: readonly RuleGroupRef[];
  /** PromQL for the database's lag, where it has one. */
  lag?: string;
}

/**
 * Asks about the stack, until a Prometheus has all of its rules; of others the first that answers is told. Whatever
 * goes wrong is a result: nobody is kept from looking at the rest.
 * @param find finds all that may be asked
 */
export async function readPrometheus(
  find: () => Promise<PrometheusSource[]>,
  question: Question,
): Promise<Seen<Prometheus>> {
  try {
    let told: Seen<Prometheus> | undefined;
    for (const source of await find()) {
      const answer = await answerOf(source, question);
      if (answer.is === "there" && answer.value.unloaded?.length === 0) return answer;
      if (told?.is !== "there") told = answer;
    }
    return told ?? { is: "missing", what: "Prometheus was found; --prometheus names one" };
  } catch (error) {
    return { is: "unreadable", why: wordsOf(error) };
  }
}

async function answerOf(source: PrometheusSource, question: Question): Promise<Seen<Prometheus>> {
  try {
    // Neither the rules nor the lag keep anybody from being told of alerts.
    const [{ alerts }, unloaded, lag] = await Promise.all([
      ask<{ alerts: Alert[] }>(source, "alerts"),
      unloadedGroups(source, question).catch(() => undefined),
      lagOf(source, question).catch(() => undefined),
    ]);
    return {
      is: "there",
      value: {
        from: source.from,
        firing: alerts.filter(isFiring(question.namespace)).map(({ labels, annotations }) => ({
          alert: labels.alertname ?? "",
          severity: labels.severity ?? "",
          summary: annotations?.summary ?? "",
          ...(annotations?.runbook_url && { runbook: annotations.runbook_url }),
        })),
        ...(unloaded && { unloaded }),
        ...(lag !== undefined && { replicationLag: lag }),
      },
    };
  } catch (error) {
    return { is: "unreadable", why: wordsOf(error) };
  }
}

/** Groups that it has not loaded. It is asked for those alone: all rules of a cluster can be megabytes. */
async function unloadedGroups(
  source: PrometheusSource,
  { namespace, ruleGroups }: Question,
): Promise<string[]> {
  const query = new URLSearchParams(ruleGroups.map(({ name }): [string, string] => ["rule_group[]", name]));
  const { groups } = await ask<{ groups: { name: string; file: string }[] }>(source, `rules?${query}`);
  // Another stack's groups have the same names; the operator calls a file by its PrometheusRule and an id.
  const loaded = ({ name, rule }: RuleGroupRef) =>
    groups.some((group) => group.name === name && basename(group.file).startsWith(`${namespace}-${rule}-`));
  return ruleGroups.filter((group) => !loaded(group)).map(({ name }) => name);
}

async function lagOf(source: PrometheusSource, { lag }: Question): Promise<number | undefined> {
  if (lag === undefined) return undefined;
  const { result } = await ask<Vector>(source, `query?query=${encodeURIComponent(lag)}`);
  const seconds = Number(result[0]?.value[1]);
  return Number.isFinite(seconds) ? seconds : undefined;
}

interface Alert {
  state: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
}

interface Vector {
  result: { value: [number, string] }[];
}

const isFiring =
  (namespace: string) =>
  ({ state, labels }: Alert) =>
    state === "firing" && labels.namespace === namespace;

async function ask<T>({ from, ask }: PrometheusSource, path: string): Promise<T> {
  const { status, text } = await ask(`api/v1/${path}`);
  if (status !== 200) throw new Error(`${from} answers HTTP ${status}`);
  try {
    return (JSON.parse(text) as { data: T }).data;
  } catch {
    throw new Error(`${from} answers something else than Prometheus does`);
  }
}

/** Without a URL in it, which may hold a password. */
function wordsOf(error: unknown): string {
  if (error instanceof ClusterError) return error.message;
  const { name, code, message } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError") return `no answer within ${timeout / 1000} s`;
  return code ? `it does not answer: ${code}` : message;
}
