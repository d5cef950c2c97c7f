import { days } from "../database/retention.ts";
import { amount } from "../framework/amount.ts";
import { specOf } from "../framework/kubernetes.ts";
import type { Problem } from "../framework/policy.ts";
import type { Subject } from "../framework/subject.ts";
import type { PlanProblem } from "../plan.ts";
import { both, type Operation } from "./operation.ts";
import { defaultRetention } from "./retention.ts";

/** Refuses what takes data away without deleting the resource that says how much there is. */
export function* noShrinking(operations: readonly Operation[]): Generator<PlanProblem> {
  for (const operation of operations) {
    const problem = looks[operation.after?.kind ?? ""]?.(operation);
    if (problem) yield { operation, ...problem };
  }
}

type Look = (operation: Operation) => Problem | undefined;

const volume: Look = (operation) => {
  const [was, is] = both(operation, sizeOf) ?? [0, 0];
  if (is >= was) return undefined;
  return {
    field: "spec.storage.size",
    found: `${was / 2 ** 30} GiB to ${is / 2 ** 30} GiB`,
    problem: "volumes never shrink: the operator refuses it, and the update ends half-way",
    fix: "Leave the size as it is.",
  };
};

const backups: Look = (operation) => {
  const [was, is] = both(operation, backupDays) ?? [0, 0];
  if (is >= was) return undefined;
  return {
    field: "spec.retentionPolicy",
    found: `${was} days to ${is} days`,
    problem: "backups that are older are removed at once",
    fix: "Leave it, or except it with the reason.",
  };
};

const paths: Look = (operation) => {
  const [was, is] = both(operation, defaultRetention) ?? [];
  if (!was || !is || is.seconds >= was.seconds) return undefined;
  return {
    field: 'data["server.toml"] default-retention-period',
    found: `${was.text} to ${is.text}`,
    problem: "the next collection deletes every path that nobody downloaded for that long",
    fix: "Leave it, or except it with the reason. In spans m means minutes, M or months means months.",
  };
};

const looks: Readonly<Record<string, Look>> = {
  "postgresql.cnpg.io/Cluster": volume,
  "barmancloud.cnpg.io/ObjectStore": backups,
  "core/ConfigMap": paths,
};

const sizeOf = (subject: Subject) => amount(specOf<{ storage: { size: string } }>(subject).storage?.size);
const backupDays = (subject: Subject) => days(specOf<{ retentionPolicy: string }>(subject).retentionPolicy);
