import type { StoredMergeRequest } from "./merge-requests.ts";

/** A pipeline as GitLab keeps it. */
export interface StoredPipeline {
  id: number;
  sha: string;
  ref: string;
  status: string;
  web_url: string;
}

/** A branch: its last commit, and its files by path. */
export interface StoredBranch {
  commit: string;
  /** The message of that commit. */
  message: string;
  files: Record<string, string>;
  /** Whether nobody may push to it. */
  protected?: boolean;
}

/** A project with its repository. */
export interface StoredProject {
  web_url: string;
  pipelines: StoredPipeline[];
  branches: Record<string, StoredBranch>;
  /** The files of commits by their id, for what starts from one. */
  commits: Record<string, Record<string, string>>;
  mergeRequests: StoredMergeRequest[];
}

/** A project with a branch `main`, and nothing else but what is given. */
export const storedProject = (given: Partial<StoredProject> = {}): StoredProject => ({
  web_url: "https://gitlab.example.com/platform/attic",
  pipelines: [],
  branches: { main: { commit: "a".repeat(40), message: "first", files: {} } },
  commits: {},
  mergeRequests: [],
  ...given,
});
