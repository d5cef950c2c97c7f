import { irreplaceable } from "../guards/kinds.ts";
import type { PlanProblem } from "../plan.ts";
import { loses, type Operation, replaces } from "./operation.ts";

/** What must not be lost, by kind, and what it means to lose it. */
const guarded: Readonly<Record<string, string>> = {
  ...irreplaceable,
  "core/Namespace": "everything that lies in it, the database among it",
};

/**
 * Refuses to delete or replace what cannot be made again, but for a signing key whose generation was raised: its time is
 * set anew in the same plan, which nothing else does.
 */
export function* noLoss(operations: readonly Operation[]): Generator<PlanProblem> {
  const replaced = new Set(operations.filter(replaces).map(({ urn }) => urn));
  for (const operation of operations) {
    const { op, before, after } = operation;
    const kind = (before ?? after)?.kind ?? "";
    if (!loses(operation) || !(kind in guarded)) continue;
    if (replaces(operation) && replaced.has(timeOf(operation))) continue;
    yield {
      operation,
      field: "",
      found: op,
      problem: `the update loses ${guarded[kind]}`,
      fix: "Find out what makes it so, with `pulumi preview --diff`. If it is wanted, except it with the reason.",
    };
  }
}

/** The URN of what remembers since when there is a key, whatever resource is given. */
const timeOf = ({ urn }: Operation): string =>
  `${urn.replace("$tls:index/privateKey:PrivateKey::", "$pulumi:index:Stash::")}-made`;
