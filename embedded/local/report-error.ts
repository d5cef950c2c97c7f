import { EngineError } from "../engine/errors.ts";
import { ToolchainError } from "../toolchain/index.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { shown } from "./paths.ts";
import type { Screen } from "./terminal/screen.ts";

const WITHOUT = "`npm run render -- <stack>` writes all objects of a stack without any of this";

/**
 * Tells a person about an error: what was wrong, what to do, where to read more. An error that nobody
 * foresaw comes with its stack.
 *
 * @returns the exit code
 */
export function reportError(error: unknown, screen: Screen, interrupted: boolean): number {
  const { red, dim } = screen.colours;
  if (interrupted) {
    screen.print("interrupted: what was done so far is kept; the same command goes on from there");
    return EXIT.interrupted;
  }
  if (error instanceof EngineError) {
    const say = error.kind === "config" ? error.message : `${red("error:")} ${error.message}`;
    screen.print(say, ...(error.hint ? [error.hint] : []));
    if (error.cause instanceof ToolchainError) {
      screen.print(WITHOUT);
    }
    if (error.logPath !== undefined && error.kind !== "config") {
      screen.print(dim(`full log: ${shown(error.logPath)}`));
    }
  } else if (error instanceof ToolchainError) {
    screen.print(`${red("error:")} ${error.message}`, error.hint);
    screen.print(WITHOUT);
  } else {
    screen.print(
      `${red("error:")} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
  return exitCodeOf(error);
}
