import type { StackConfig } from "../../config/resolve.ts";
import { placeholderOfRunbooks } from "../../config/schema/observability.ts";
import { type Finding, ok, unseen } from "./finding.ts";
import { type Outside, patience, reasonOf } from "./outside.ts";

const check = "runbooks";
const setting = "attic:observability.rules.runbooks";

/**
 * Whether whoever is woken finds the runbook that the alert links to. Nothing here is a failure: a page that is not
 * there, and one that this machine may not read, are the same answer to many a server.
 */
export async function checkRunbooks(
  { observability: { rules } }: Pick<StackConfig, "observability">,
  { fetch }: Pick<Outside, "fetch">,
): Promise<Finding> {
  if (!rules.enabled) return ok(check, "the stack makes no alerts");
  if (rules.runbooks === placeholderOfRunbooks)
    return unseen(check, "alerts link to a placeholder", `set ${setting} to where your copy of them is read`);
  const page = `${rules.runbooks}AtticMetricsAbsent.md`;
  const todo = `look yourself: ${setting} with an alert's name behind it has to lead to its page`;
  try {
    const { status } = await fetch(page, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(patience),
    });
    if (status < 300) return ok(check, `${page} answers ${status}`);
    return unseen(check, `${page} answers ${status} to somebody who is not signed in`, todo);
  } catch (error) {
    return unseen(check, `${page} was not reached: ${reasonOf(error)}`, todo);
  }
}
