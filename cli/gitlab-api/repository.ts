import { projectPath, type Transport } from "./transport.ts";

/** A pipeline, in the API's words. */
export interface GitLabPipeline {
  id: number;
  /** The commit that it ran for. */
  sha: string;
  /** The branch or tag, or `refs/merge-requests/…`. */
  ref: string;
  status: string;
  web_url: string;
}

/** A commit that GitLab is to make. */
export interface GitLabCommit {
  /** By path or number. */
  project: string;
  /** Where the commit goes. */
  branch: string;
  /** Makes `branch`, which must not be there yet, from this branch or this commit; at most one of the two. */
  startBranch?: string;
  startSha?: string;
  /** The file, which must be there. */
  path: string;
  /** All that it is to hold. */
  content: string;
  message: string;
  /** GitLab refuses when the file was changed after this commit. */
  lastCommit?: string;
}

/** Pipelines and commits of a project; docs.gitlab.com/api/pipelines, …/api/commits. */
export class Repository {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A pipeline by its number, which is unique in the whole GitLab; undefined when there is none that one may see. */
  async pipeline(project: string, id: number): Promise<GitLabPipeline | undefined> {
    return (await this.#transport.find(`${projectPath(project)}/pipelines/${id}`)) as
      | GitLabPipeline
      | undefined;
  }

  /**
   * Changes one file in a commit of its own. A request whose answer was lost is not repeated.
   * @returns the commit's id and address
   * @throws GitLabApiError with status 400 when the branch to make is there already, or the branch may not be pushed to
   */
  async commitFile(commit: GitLabCommit): Promise<{ id: string; web_url: string }> {
    const { project, branch, startBranch, startSha, path, content, message, lastCommit } = commit;
    const body = {
      branch,
      ...(startBranch !== undefined && { start_branch: startBranch }),
      ...(startSha !== undefined && { start_sha: startSha }),
      commit_message: message,
      actions: [
        {
          action: "update",
          file_path: path,
          content,
          ...(lastCommit !== undefined && { last_commit_id: lastCommit }),
        },
      ],
    };
    const answer = await this.#transport.send({
      method: "POST",
      path: `${projectPath(project)}/repository/commits`,
      body,
      once: true,
    });
    return answer as { id: string; web_url: string };
  }
}
