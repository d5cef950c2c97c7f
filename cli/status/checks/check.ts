import type { StackConfig } from "../../../config/resolve.ts";
import type { Probes } from "../probes.ts";
import type { Seen, Snapshot } from "../snapshot.ts";

/** What checks go by; plain data. */
export interface Facts {
  config: StackConfig;
  snapshot: Snapshot;
  /** The time of the snapshot. */
  now: Date;
  /** Days for which the certificate and the tokens must be good yet. */
  minimumDays: number;
  /** What the ingress answered; left out where it was not asked. */
  probes?: Probes;
}

/** Whether it is as it should be, and what was found in words. */
export interface Verdict {
  ok: boolean;
  found: string;
}

/** The part of the screen that a check belongs to. */
export type Area =
  | "api"
  | "scaling"
  | "disruption"
  | "collector"
  | "migrations"
  | "database"
  | "backup"
  | "certificate"
  | "tokens"
  | "routes"
  | "rules"
  | "policies"
  | "alerts"
  | "ingress";

/** Who asks: `status` what a person on call should know, `verify` what a deployment must have brought about. */
export type Asker = "status" | "verify";

/** One thing that has to be so: a pure function over what was seen. */
export interface Check {
  /** As `--skip` takes it. */
  id: string;
  area: Area;
  /** In words, as it should be. */
  title: string;
  /** What to look at when it is not. */
  see: string;
  /** @default both */
  only?: Asker;
  /** Why there is nothing to check on this stack; undefined when there is. */
  skip?(facts: Facts): string | undefined;
  /** What would pass. */
  expected(facts: Facts): string;
  judge(facts: Facts): Verdict;
}

/** Judges a part of the snapshot, which must be there and readable. */
export function judged<T>(part: Seen<T> | undefined, judge: (value: T) => Verdict): Verdict {
  if (!part) return failed("nothing was looked for");
  switch (part.is) {
    case "missing":
      return failed(`there is no ${part.what}`);
    case "unreadable":
      return failed(`it cannot be seen: ${part.why}`);
    default:
      return judge(part.value);
  }
}

/** As it should be. */
export const passed = (found: string): Verdict => ({ ok: true, found });

/** Not as it should be. */
export const failed = (found: string): Verdict => ({ ok: false, found });

/** The page of an alert about the same. */
export const runbook = (alert: string) => `docs/runbooks/${alert}.md`;

/** Why nothing is checked that needs an operator on the control plane of `npm run local`. */
export const unattended = ({ snapshot }: Facts, who: string): string | undefined =>
  snapshot.embedded ? `stack local: no ${who} acts here` : undefined;

/** What is said of a stack that lacks a part. */
export const without = (lacks: boolean, why: string) => (lacks ? why : undefined);
