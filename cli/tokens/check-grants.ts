import type { Grants } from "../../components/tokens/claims.ts";
import { ConfigError } from "../../config/errors.ts";
import { loadStackConfig, type RawConfig } from "../../config/load.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

/** Stands for the token in the rules' words. */
const name = "this-token";

/**
 * Checks what a token is to allow by the very rules that declared tokens are checked by: least privilege, names that
 * the server can read, nothing ambiguous.
 * @param raw the stack's settings
 * @param kind whose rules they are
 * @throws CliError with every mistake
 */
export function checkGrants(raw: RawConfig, caches: Grants, kind: "service" | "root"): void {
  const declared = JSON.stringify({ [kind]: { [name]: { caches } } });
  try {
    loadStackConfig({ ...raw, values: { ...raw.values, "attic:tokens": declared } }, "the command line");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.mistakes.map(({ path, problem }) => {
      const at = path.split(`${name}.caches.`)[1];
      return `  ${at ? `${at} ${problem}` : problem.replaceAll(`${name} `, "the token ")}`;
    });
    throw new CliError(
      EXIT.usage,
      `the token is not what it may be:\n${problems.join("\n")}`,
      kind === "root" ? undefined : "--root allows what root tokens may",
    );
  }
}
