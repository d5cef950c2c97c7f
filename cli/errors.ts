import { ConfigError } from "../config/errors.ts";
import type { Screen } from "../embedded/local/terminal/screen.ts";
import { EXIT } from "./exit-codes.ts";

type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that was foreseen: in words for a person, with what to do, and the exit code. Holds no secret. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** What to do next. */
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/**
 * Tells a person about an error. One that nobody foresaw comes with its stack trace.
 * @returns the exit code
 */
export function reportError(error: unknown, screen: Screen): number {
  const { red } = screen.colours;
  if (error instanceof ConfigError) {
    screen.print(error.message.trimEnd());
    return EXIT.usage;
  }
  if (error instanceof Error && "hint" in error) {
    screen.print(`${red("error:")} ${error.message}`, ...(error.hint ? [String(error.hint)] : []));
    return error instanceof CliError ? error.exitCode : EXIT.failed;
  }
  screen.print(`${red("error:")} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT.failed;
}
