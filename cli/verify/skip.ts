import { nearest } from "../../config/errors.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { checks } from "../status/checks/index.ts";
import type { Skip } from "./result.ts";

/** The ids of the checks that a verification makes. */
export const checkIds: readonly string[] = checks.flatMap(({ id, only }) => (only === "status" ? [] : id));

/**
 * A check that is left out, and why, as `--skip` takes it: `backup-age=the drill has just deleted them`.
 * @throws CliError when it has no reason
 */
export function parseSkip(text: string, before: readonly Skip[] = []): Skip[] {
  const [check = "", ...rest] = text.split("=");
  const reason = rest.join("=").trim();
  if (reason === "") {
    throw new CliError(
      EXIT.usage,
      `--skip ${text}: why?`,
      `write --skip ${JSON.stringify(`${check}=why it cannot hold here`)}; the reason stands in the report`,
    );
  }
  return [...before, { check, reason }];
}

/**
 * The reasons by the checks' ids.
 * @throws CliError for a check that there is not
 */
export function reasons(skips: readonly Skip[]): Record<string, string> {
  for (const { check } of skips) {
    if (checkIds.includes(check)) continue;
    const meant = nearest(check, checkIds);
    throw new CliError(
      EXIT.usage,
      `there is no check ${check}`,
      `${meant ? `did you mean ${meant}? ` : ""}the checks are: ${checkIds.join(", ")}`,
    );
  }
  return Object.fromEntries(skips.map(({ check, reason }) => [check, reason]));
}
