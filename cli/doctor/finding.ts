import { ClusterError } from "../cluster/index.ts";
import { CliError } from "../errors.ts";

/** `unseen` is neither: it could not be looked at. */
export type State = "ok" | "failed" | "unseen";

/** What one check found. Holds no secret. */
export interface Finding {
  /** What was looked at, such as `permissions`. */
  check: string;
  state: State;
  /** In a line. */
  said: string;
  /** More lines, such as every mistake. */
  details?: string[];
  /** What to do about it. */
  todo?: string;
}

/** That something is as it should be. */
export const ok = (check: string, said: string): Finding => ({ check, state: "ok", said });

/** That something is wrong. */
export const failed = (check: string, said: string, todo: string, details?: string[]): Finding => ({
  check,
  state: "failed",
  said,
  todo,
  ...(details && { details }),
});

/** That something could not be looked at, and why. */
export const unseen = (check: string, said: string, todo?: string): Finding => ({
  check,
  state: "unseen",
  said,
  ...(todo && { todo }),
});

/**
 * Looks at something. What went wrong on the way is a finding: what this person may not look at was not seen, any other
 * foreseen failure is one.
 */
export async function look(check: string, act: () => Promise<Finding>): Promise<Finding> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const todo = error.hint ?? "";
    if (error instanceof ClusterError && error.problem === "forbidden")
      return unseen(check, error.message, todo);
    return failed(check, error.message, todo);
  }
}
