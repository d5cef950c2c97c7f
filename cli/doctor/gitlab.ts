import type { StackConfig } from "../../config/resolve.ts";
import { count } from "../../embedded/local/terminal/table.ts";
import { connectGitLab, gitLabWords } from "../gitlab-api/connect.ts";
import { type GitLabApi, GitLabApiError } from "../gitlab-api/index.ts";
import { ownerWords, type Publication, publications } from "../tokens/publication.ts";
import type { World } from "../world.ts";
import { type Finding, failed, look, ok, unseen } from "./finding.ts";

const check = "GitLab";

/** Whether tokens can be published where the stack declares it. Nothing is written. */
export async function checkGitLab(config: StackConfig, world: World): Promise<Finding> {
  const declared = publications(config);
  if (declared.length === 0) return ok(check, "no token is published there");
  const { GITLAB_TOKEN, CI_API_V4_URL } = world.env;
  if (!GITLAB_TOKEN || !CI_API_V4_URL) {
    const lacking = GITLAB_TOKEN ? "nothing says where its API is" : "there is no credential here";
    const said = `${count(declared.length, "token")} to publish, and ${lacking}`;
    return unseen(
      check,
      said,
      "set GITLAB_TOKEN and CI_API_V4_URL as the pipeline has them, to look with them",
    );
  }
  return look(check, async () => {
    const api = connectGitLab(world);
    try {
      const { username } = await api.self();
      const refused = await refusals(api, declared);
      const words = `@${username}`;
      if (refused.length === 0) return ok(check, `${words} may read the variables of every owner`);
      const todo =
        "make its holder a maintainer of the project, or an owner of the group, with the scope `api`";
      return failed(check, `${words} may not read all variables`, todo, refused);
    } catch (error) {
      if (!(error instanceof GitLabApiError)) throw error;
      if (error.status === undefined) return unseen(check, gitLabWords(error));
      return failed(check, `GITLAB_TOKEN is not accepted: ${gitLabWords(error)}`, "make another one");
    }
  });
}

/** Owners whose variables may not be read, with GitLab's words. */
async function refusals(api: GitLabApi, declared: readonly Publication[]): Promise<string[]> {
  const refused: string[] = [];
  const owners = new Map(declared.map(({ gitlab }) => [ownerWords(gitlab), gitlab]));
  for (const [words, { project, group = "" }] of owners) {
    try {
      await api.variables.list(project === undefined ? { group } : { project });
    } catch (error) {
      if (!(error instanceof GitLabApiError)) throw error;
      refused.push(`${words}: ${gitLabWords(error)}`);
    }
  }
  return refused;
}
