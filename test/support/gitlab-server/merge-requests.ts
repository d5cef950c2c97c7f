import { type Answer, type Call, page, said } from "./answer.ts";
import type { StoredProject } from "./project.ts";

/** A note as GitLab keeps it. */
export interface StoredNote {
  id: number;
  body: string;
  author: { id: number; username: string };
  system: boolean;
}

/** A merge request as GitLab keeps it. */
export interface StoredMergeRequest {
  iid: number;
  title: string;
  description: string;
  state: "opened" | "closed" | "merged" | "locked";
  source_branch: string;
  target_branch: string;
  labels: string[];
  force_remove_source_branch: boolean;
  web_url: string;
  /** Oldest first. */
  notes: StoredNote[];
}

/** The longest note, in characters: app/validators of notes. */
const longestNote = 1_000_000;

/** Merge requests and their notes, as lib/api/merge_requests.rb and lib/api/notes.rb have them. */
export function serveMergeRequests(
  project: StoredProject,
  call: Call,
  user: { id: number; username: string },
): Answer {
  const { method, rest, query, body } = call;
  const [, iid, notes, noteId] = /^\/merge_requests(?:\/(\d+))?(\/notes)?(?:\/(\d+))?$/.exec(rest) ?? [];
  if (iid === undefined) return method === "POST" ? open(project, body) : page(search(project, query), query);
  const request = project.mergeRequests.find((each) => each.iid === Number(iid));
  if (!request) return said(404, notes ? "404 MergeRequest Not Found" : "404 Not found");
  if (!notes) return { status: 200, body: shown(request) };
  if (noteId === undefined && method === "GET") {
    const sorted = query.get("sort") === "asc" ? request.notes : request.notes.toReversed();
    return page(sorted, query);
  }
  if (typeof body?.body !== "string") return { status: 400, body: { error: "body is missing" } };
  if ([...body.body].length > longestNote) {
    return said(
      400,
      `400 Bad request - Note {:note=>["is too long (maximum is ${longestNote} characters)"]}`,
    );
  }
  if (noteId === undefined) {
    const id = Math.max(0, ...project.mergeRequests.flatMap(({ notes }) => notes.map((note) => note.id))) + 1;
    const note = { id, body: body.body, author: user, system: false };
    request.notes.push(note);
    return { status: 201, body: note };
  }
  const note = request.notes.find((each) => each.id === Number(noteId));
  if (!note) return said(404, "404 Not found");
  // A maintainer may edit what others wrote.
  note.body = body.body;
  return { status: 200, body: note };
}

function open(project: StoredProject, body: Record<string, string | boolean>): Answer {
  const source_branch = String(body.source_branch);
  const target_branch = String(body.target_branch);
  const same = project.mergeRequests.find(
    (each) =>
      each.state === "opened" && each.source_branch === source_branch && each.target_branch === target_branch,
  );
  if (same) {
    return said(409, [`Another open merge request already exists for this source branch: !${same.iid}`]);
  }
  const iid = Math.max(0, ...project.mergeRequests.map((each) => each.iid)) + 1;
  const request: StoredMergeRequest = {
    iid,
    title: String(body.title),
    description: String(body.description ?? ""),
    state: "opened",
    source_branch,
    target_branch,
    labels: body.labels ? String(body.labels).split(",") : [],
    force_remove_source_branch: body.remove_source_branch === true,
    web_url: `${project.web_url}/-/merge_requests/${iid}`,
    notes: [],
  };
  project.mergeRequests.push(request);
  return { status: 201, body: shown(request) };
}

const search = (project: StoredProject, query: URLSearchParams) =>
  project.mergeRequests
    .filter((each) =>
      (["state", "source_branch", "target_branch"] as const).every((name) => {
        const wanted = query.get(name);
        return wanted === null || each[name] === wanted;
      }),
    )
    .map(shown)
    .toReversed();

const shown = ({ notes, ...request }: StoredMergeRequest) => ({ ...request, user_notes_count: notes.length });
