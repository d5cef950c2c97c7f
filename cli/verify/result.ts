import type { CheckResult } from "../status/checks/index.ts";

export type { CheckResult, Outcome } from "../status/checks/index.ts";

/** What a verification came to; `--report` writes it as it is. */
export interface VerifyResult {
  /** Of this shape; raised when something in it changes its meaning. */
  version: 1;
  stack: string;
  /** ISO 8601. */
  time: string;
  /** The API server's URL. */
  cluster: string;
  namespace: string;
  /** The declared image. */
  image: string;
  /** Whether no check failed. A skipped one fails nothing. */
  ok: boolean;
  /** How often everything was looked at. */
  looks: number;
  checks: CheckResult[];
}

/** A check that is left out, and why. */
export interface Skip {
  /** The check's id. */
  check: string;
  reason: string;
}

/** How a stack is verified. */
export interface VerifyOptions {
  /** Seconds in which all checks have to pass. @default 0, one look */
  wait?: number;
  /** @default none */
  skip?: readonly Skip[];
  /** Days for which the certificate and the tokens must be good yet. @default 7 */
  minimumDays?: number;
  /** Whom to ask about rules. @default $PROMETHEUS_URL, else one in the cluster */
  prometheus?: string;
  /** Another way to the ingress than the stack's own URL. */
  endpoint?: string;
  /** The Host header, with `endpoint`. @default the stack's */
  host?: string;
  /** Told after every look. */
  onLook?: (result: VerifyResult) => void;
}
