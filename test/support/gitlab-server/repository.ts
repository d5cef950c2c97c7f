import { createHash } from "node:crypto";
import { type Answer, type Call, said } from "./answer.ts";
import type { StoredProject } from "./project.ts";

interface Commit {
  branch?: string;
  start_branch?: string;
  start_sha?: string;
  commit_message?: string;
  actions?: { action: string; file_path: string; content?: string }[];
}

/** A pipeline, as lib/api/ci/pipelines.rb has it. */
export function servePipeline(project: StoredProject, id: number): Answer {
  const pipeline = project.pipelines.find((each) => each.id === id);
  return pipeline ? { status: 200, body: pipeline } : said(404, "404 Pipeline Not Found");
}

/** Commits, as lib/api/commits.rb and app/services/commits/create_service.rb make them. */
export function serveCommits(project: StoredProject, { method, body }: Call): Answer {
  if (method !== "POST") return { status: 405, body: { error: "405 Not Allowed" } };
  const { branch, start_branch, start_sha, commit_message, actions } = body as Commit;
  const missing = Object.entries({ branch, commit_message, actions }).filter(
    ([, value]) => value === undefined,
  );
  if (missing.length > 0 || branch === undefined) {
    return { status: 400, body: { error: missing.map(([name]) => `${name} is missing`).join(", ") } };
  }
  const refused = (message: string) => said(400, message);
  if (project.branches[branch]?.protected) return refused("You are not allowed to push into this branch");
  if (start_sha !== undefined && start_branch !== undefined) {
    return refused("You can't pass both start_branch and start_sha");
  }
  if (start_sha !== undefined && !project.commits[start_sha])
    return refused(`Cannot find start_sha '${start_sha}'`);
  const other = start_sha !== undefined || (start_branch !== undefined && start_branch !== branch);
  if (other && project.branches[branch]) {
    return refused(
      `A branch called '${branch}' already exists. Switch to that branch in order to make changes`,
    );
  }
  const start =
    start_sha === undefined ? project.branches[start_branch ?? branch]?.files : project.commits[start_sha];
  if (!start) return refused("You can only create or edit files when you are on a branch");
  const files = { ...start };
  for (const { action, file_path, content } of actions ?? []) {
    if (action === "update" && files[file_path] === undefined)
      return refused("A file with this name doesn't exist");
    if (action === "create" && files[file_path] !== undefined)
      return refused("A file with this name already exists");
    files[file_path] = content ?? "";
  }
  const message = String(commit_message);
  const id = createHash("sha1")
    .update(JSON.stringify([branch, message, files]))
    .digest("hex");
  project.branches[branch] = { commit: id, message, files };
  project.commits[id] = files;
  const [title = ""] = message.split("\n");
  return {
    status: 201,
    body: { id, short_id: id.slice(0, 8), title, message, web_url: `${project.web_url}/-/commit/${id}` },
  };
}
