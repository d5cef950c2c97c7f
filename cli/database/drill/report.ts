import { iso } from "../../../components/tokens/rotation.ts";
import { formatDuration, secondsOf } from "../../time.ts";
import type { Census } from "../census.ts";
import { condition, type Live } from "../objects.ts";
import { targetSettings } from "../target.ts";
import type { Drilled } from "./run.ts";
import type { DrillPlan } from "./scratch.ts";
import { type Check, lagOf, verdict } from "./verdict.ts";

/** What a drill found, as it is kept. Times are ISO 8601, spans are in seconds. */
export interface DrillReport {
  stack: string;
  namespace: string;
  /** The server name of the archive. */
  from: string;
  target: { targetTime?: string; targetName?: string; backupId?: string };
  passed: boolean;
  /** What went wrong before anything could be checked. */
  error: string | undefined;
  /** When the drill began, by the API server's clock. */
  started: string | undefined;
  /** When the operator called the database ready. */
  ready: string | undefined;
  /** When the database had counted its rows. */
  answered: string | undefined;
  /** From the beginning until the rows were counted: how long a restore of this database takes today. */
  recoveryTime: number | undefined;
  /** How much of what the live database knew was not in the archive. */
  dataLoss: number | undefined;
  rows: Census["rows"] | undefined;
  checks: Check[];
  /** Whether everything that the drill made is gone again. */
  removed: boolean;
  /** Why it is not, where it should be. */
  notRemoved: string | undefined;
}

/** How a drill ended. */
export interface Outcome {
  /** Its namespace; undefined when it was not even made. */
  namespace?: Live;
  drilled?: Drilled;
  /** Why there is nothing to check. */
  error?: unknown;
  removed: boolean;
  /** Why what was made is still there. */
  notRemoved?: unknown;
}

/** The report of a drill. Its times are the API server's and the database's own; nobody here reads a clock. */
export function drillReport(
  stack: string,
  { namespace, from, target }: DrillPlan,
  { namespace: made, drilled, error, removed, notRemoved }: Outcome,
): DrillReport {
  const checks = drilled ? verdict({ target, ...drilled }) : [];
  const started = made?.metadata.creationTimestamp;
  const answered = drilled && iso(Math.floor(drilled.restored.at.getTime() / 1000));
  return {
    stack,
    namespace,
    from,
    target: targetSettings(target),
    passed: drilled !== undefined && error === undefined && checks.every(({ ok }) => ok),
    error: wordsOf(error),
    started,
    ready: condition(drilled?.database, "Ready")?.lastTransitionTime,
    answered,
    recoveryTime: started && answered ? secondsOf(answered) - secondsOf(started) : undefined,
    dataLoss: drilled && lagOf(drilled.restored, drilled.live),
    rows: drilled?.restored.rows,
    checks,
    removed,
    notRemoved: wordsOf(notRemoved),
  };
}

const wordsOf = (error: unknown) =>
  error === undefined ? undefined : error instanceof Error ? error.message : String(error);

/** A report for people. */
export function reportLines(report: DrillReport): string[] {
  const { checks, error, recoveryTime, dataLoss, removed, notRemoved, namespace, passed } = report;
  const mark = (ok: boolean) => (ok ? "ok  " : "FAIL");
  const target = Object.values(report.target)[0] ?? "the newest state";
  return [
    `Restore drill of ${report.stack}: ${report.from} to ${target}: ${passed ? "passed" : "FAILED"}`,
    ...(error ? [`  FAIL  ${error}`] : []),
    ...checks.map(({ what, ok, said }) => `  ${mark(ok)}  ${what}: ${said}`),
    `  recovery time: ${recoveryTime === undefined ? "not measured" : span(recoveryTime)}`,
    `  data loss: ${dataLoss === undefined ? "not measured" : span(dataLoss)}`,
    removed
      ? `  namespace ${namespace} is gone again`
      : `  ${notRemoved ?? `namespace ${namespace} is still there: kubectl delete namespace ${namespace}`}`,
  ];
}

const span = (seconds: number) =>
  seconds < 120 ? `${seconds} s` : `${formatDuration(seconds)} (${seconds} s)`;
