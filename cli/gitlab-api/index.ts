import { MergeRequests } from "./merge-requests.ts";
import { Repository } from "./repository.ts";
import { type GitLabApiOptions, Transport } from "./transport.ts";
import { Variables } from "./variables.ts";

export type {
  GitLabMergeRequest,
  GitLabNote,
  MergeRequestAddress,
  NewMergeRequest,
} from "./merge-requests.ts";
export type { GitLabCommit, GitLabPipeline } from "./repository.ts";
export { GitLabApiError, type GitLabApiOptions } from "./transport.ts";
export type { GitLabVariable, VariableOwner } from "./variables.ts";

/** Who one is to GitLab. */
export interface GitLabUser {
  id: number;
  username: string;
}

/** The parts of GitLab's API that the commands need. All of it throws GitLabApiError. */
export class GitLabApi {
  readonly variables: Variables;
  readonly repository: Repository;
  readonly mergeRequests: MergeRequests;
  readonly #transport: Transport;

  constructor(options: GitLabApiOptions) {
    this.#transport = new Transport(options);
    this.variables = new Variables(this.#transport);
    this.repository = new Repository(this.#transport);
    this.mergeRequests = new MergeRequests(this.#transport);
  }

  /** Whose credential it is. */
  async self(): Promise<GitLabUser> {
    return (await this.#transport.send({ method: "GET", path: "/user" })) as GitLabUser;
  }
}
