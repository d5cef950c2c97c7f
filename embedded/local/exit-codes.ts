import { EngineError, type EngineErrorKind } from "../engine/errors.ts";

/** What `npm run local` and `npm run preview` end with. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Wrong arguments, or a mistake in the stack's configuration. */
  usage: 2,
  notRunning: 3,
  unexpectedChanges: 4,
  policy: 5,
  interrupted: 130,
} as const;

/** For `--help`. */
export const EXIT_HELP = `
Exit codes:
  0    done
  1    failed; the message says what, and where the full log is
  2    wrong arguments, or a mistake in the stack's configuration
  3    nothing is running
  4    something would change or changed, and --expect-no-changes was given
  5    a mandatory policy refused
  130  interrupted`;

const BY_KIND: Partial<Record<EngineErrorKind, number>> = {
  config: EXIT.usage,
  changes: EXIT.unexpectedChanges,
  policy: EXIT.policy,
  interrupted: EXIT.interrupted,
};

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  return (error instanceof EngineError ? BY_KIND[error.kind] : undefined) ?? EXIT.failed;
}
