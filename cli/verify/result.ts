/** What became of one check. */
export type Outcome = "passed" | "failed" | "skipped";

/** One check, with what it came to. */
export interface CheckResult {
  /** As `--skip` takes it: `rollout-api`. */
  id: string;
  /** In words: `the API runs the declared image, complete`. */
  title: string;
  outcome: Outcome;
  /** What was found, or why it was skipped. */
  found: string;
  /** What would have passed. */
  expected: string;
  /** What to look at when it failed: a page of docs/, or a command. */
  see: string;
}

/** What a verification came to; `--report` writes it as it is. */
export interface VerifyResult {
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
  /** Another way to the ingress than the stack's own URL. */
  endpoint?: string;
  /** The Host header, with `endpoint`. @default the stack's */
  host?: string;
  /** Told after every look. */
  onLook?: (result: VerifyResult) => void;
}
