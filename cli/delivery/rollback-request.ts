import { relative } from "node:path";
import { git } from "../../review/git.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { atGitLab, connectGitLab, type GitLabOptions, projectOf } from "../gitlab-api/connect.ts";
import { GitLabApiError } from "../gitlab-api/index.ts";
import type { GitLabMergeRequest } from "../gitlab-api/merge-requests.ts";
import type { OpenedStack } from "../stack.ts";
import type { World } from "../world.ts";
import type { Target } from "./rollback-image.ts";
import { shortName } from "./stored-plan.ts";

/** A rollback that is to be merged. */
export interface RollbackEdit {
  /** All that the stack's file says with it. */
  edited: string;
  target: Target;
  /** What the stack's history says of it. */
  message: string;
  /** What was checked out; the branch begins there, so that a merge keeps what came after it. */
  commit: string | null;
}

/**
 * Commits the edit of a stack's file to a branch of its own, and opens a merge request for it.
 * @throws CliError; the stack is rolled back all the same
 */
export async function openRollbackRequest(
  world: World,
  stack: OpenedStack,
  { edited, target, message, commit }: RollbackEdit,
  gitLab: GitLabOptions = {},
): Promise<GitLabMergeRequest> {
  try {
    const project = projectOf(world, gitLab.project);
    const { repository, mergeRequests } = connectGitLab(world, gitLab);
    const name = shortName(stack);
    const version = (target.image.split(/[:@]/).at(-1) as string).slice(0, 12);
    const branch = ["rollback", name, version, world.env.CI_PIPELINE_ID].filter(Boolean).join("-");
    const targetBranch = world.env.CI_DEFAULT_BRANCH || "main";
    const title = `Roll ${name} back to ${version}`;
    await atGitLab(`commit to branch ${branch}`, () =>
      repository
        .commitFile({
          project,
          branch,
          ...(commit === null ? { startBranch: targetBranch } : { startSha: commit }),
          path: pathInRepository(stack),
          content: edited,
          message: `${title}\n\n${message}`,
        })
        .catch(unlessThere),
    );
    return await atGitLab(`open a merge request for branch ${branch}`, () =>
      mergeRequests.open({
        project,
        sourceBranch: branch,
        targetBranch,
        title,
        description: `Stack ${name} runs ${target.image} since this rollback. Until this is merged, the next deployment brings the other image back.\n\nWhat was done: ${message}`,
      }),
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(
      EXIT.failed,
      `the stack is rolled back, but there is no merge request: ${error.message}`,
      `${error.hint ? `${error.hint}\n` : ""}commit the edit of ${pathInRepository(stack)} yourself, or the next deployment brings the other image back`,
      { cause: error },
    );
  }
}

/** A job that runs again finds the branch of its first time, with the same edit. */
function unlessThere(error: unknown): undefined {
  if (error instanceof GitLabApiError && error.status === 400 && /already exists/i.test(error.message))
    return undefined;
  throw error;
}

function pathInRepository({ folder, file }: OpenedStack): string {
  const prefix = git(folder, "rev-parse", "--show-prefix")?.trim() ?? "";
  return prefix + relative(folder, file);
}
