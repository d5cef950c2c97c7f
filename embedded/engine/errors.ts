/**
 * What went wrong, so that a caller can choose an exit code:
 * - `setup`: no engine or no policy pack: nothing was started
 * - `missing`: there is no such stack where the engine is logged in
 * - `config`: the stack's configuration is missing or wrong
 * - `program`: the Pulumi program itself threw, other than about its configuration
 * - `resources`: one or more resources could not be created, changed or deleted
 * - `policy`: a mandatory policy refused
 * - `changes`: there are changes and none were expected
 * - `locked`: another engine is working on the same stack
 * - `interrupted`: someone asked to stop
 */
export type EngineErrorKind =
  | "setup"
  | "missing"
  | "config"
  | "program"
  | "resources"
  | "policy"
  | "changes"
  | "locked"
  | "interrupted";

/** An error in words for a person; the engine's whole output is in the file `logPath`. */
export class EngineError extends Error {
  readonly kind: EngineErrorKind;
  /** What to do next, if there is something more specific than reading the message. */
  readonly hint: string | undefined;
  /** The log with everything the engine said. */
  readonly logPath: string | undefined;

  constructor(
    kind: EngineErrorKind,
    message: string,
    more: { hint?: string; logPath?: string; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "EngineError";
    this.kind = kind;
    this.hint = more.hint;
    this.logPath = more.logPath;
  }
}
