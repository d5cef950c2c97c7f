import { GitLabApiError, projectPath, type Transport } from "./transport.ts";

/** A merge request, in the API's words. */
export interface GitLabMergeRequest {
  /** Its number in the project: `!12`. */
  iid: number;
  web_url: string;
  state: "opened" | "closed" | "merged" | "locked";
}

/** A merge request that is to be opened. */
export interface NewMergeRequest {
  /** By path or number. */
  project: string;
  sourceBranch: string;
  targetBranch: string;
  title: string;
  /** Markdown; quick actions in it act. */
  description: string;
  /** Comma-free names. @default none */
  labels?: string[];
  /** Whether the source branch goes with the merge. @default true */
  removeSourceBranch?: boolean;
}

/** A note on a merge request, in the API's words. */
export interface GitLabNote {
  id: number;
  body: string;
  author: { id: number; username: string };
  /** Written by GitLab itself, about a change. */
  system: boolean;
}

/** The notes of one merge request are found by its project and number. */
export interface MergeRequestAddress {
  project: string;
  iid: number;
}

/** Merge requests and their notes; docs.gitlab.com/api/merge_requests, …/api/notes. */
export class MergeRequests {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Opens a merge request, or finds the one that is open for these two branches already. */
  async open(request: NewMergeRequest): Promise<GitLabMergeRequest & { existed: boolean }> {
    const {
      project,
      sourceBranch,
      targetBranch,
      title,
      description,
      labels,
      removeSourceBranch = true,
    } = request;
    const path = `${projectPath(project)}/merge_requests`;
    const body = {
      source_branch: sourceBranch,
      target_branch: targetBranch,
      title,
      description,
      remove_source_branch: removeSourceBranch,
      ...(labels && { labels: labels.join(",") }),
    };
    try {
      const made = (await this.#transport.send({ method: "POST", path, body })) as GitLabMergeRequest;
      return { ...made, existed: false };
    } catch (error) {
      if (!(error instanceof GitLabApiError && error.status === 409)) throw error;
      const [source, target] = [sourceBranch, targetBranch].map(encodeURIComponent);
      const query = `state=opened&source_branch=${source}&target_branch=${target}`;
      const [found] = (await this.#transport.list(`${path}?${query}`)) as GitLabMergeRequest[];
      if (!found) throw error;
      return { ...found, existed: true };
    }
  }

  /** Every note, oldest first. */
  async notes(address: MergeRequestAddress): Promise<GitLabNote[]> {
    return (await this.#transport.list(`${notesPath(address)}?sort=asc&order_by=created_at`)) as GitLabNote[];
  }

  /** Writes a note. A request whose answer was lost is not repeated: there would be two. */
  async createNote(address: MergeRequestAddress, body: string): Promise<GitLabNote> {
    const request = { method: "POST", path: notesPath(address), body: { body }, once: true } as const;
    return (await this.#transport.send(request)) as GitLabNote;
  }

  /** Writes a note anew, in its place. */
  async updateNote(address: MergeRequestAddress, id: number, body: string): Promise<GitLabNote> {
    const request = { method: "PUT", path: `${notesPath(address)}/${id}`, body: { body } } as const;
    return (await this.#transport.send(request)) as GitLabNote;
  }
}

const notesPath = ({ project, iid }: MergeRequestAddress) =>
  `${projectPath(project)}/merge_requests/${iid}/notes`;
