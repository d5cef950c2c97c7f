/** What `atticctl` ends with; the one place where they are told apart. */
export const EXIT = {
  done: 0,
  /** Something was tried and did not work. */
  failed: 1,
  /** Wrong arguments, or a mistake in the stack's configuration. */
  usage: 2,
  /** What was asked for is not there: the stack, its state, a token. */
  notFound: 3,
  /** A check said no: something would change, or is refused. */
  refused: 4,
  interrupted: 130,
} as const;

/** For `--help`. */
export const EXIT_HELP = `
Exit codes:
  0    done
  1    failed; the message says what
  2    wrong arguments, or a mistake in the stack's configuration
  3    not there: the stack, its state, or what was asked for by name
  4    a check said no: something would change, or is refused
  130  interrupted`;
