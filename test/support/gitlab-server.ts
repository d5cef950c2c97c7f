import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, type Call, said } from "./gitlab-server/answer.ts";
import { serveMergeRequests } from "./gitlab-server/merge-requests.ts";
import type { StoredProject } from "./gitlab-server/project.ts";
import { serveCommits, servePipeline } from "./gitlab-server/repository.ts";
import { type StoredVariable, serveVariables } from "./gitlab-server/variables.ts";

export type { StoredMergeRequest, StoredNote } from "./gitlab-server/merge-requests.ts";
export {
  type StoredBranch,
  type StoredPipeline,
  type StoredProject,
  storedProject,
} from "./gitlab-server/project.ts";
export type { StoredVariable } from "./gitlab-server/variables.ts";

/** A request as it came. */
export interface SeenRequest {
  method: string;
  /** Path and query, decoded. */
  url: string;
  headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  body: any;
}

/** Something else than an answer of GitLab's. */
export interface Upset {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** The request is served, and only its answer is lost. */
  afterwards?: boolean;
}

/**
 * A stub of GitLab on loopback: the parts of its API that the commands use, with the status codes, messages and
 * headers of GitLab's source. It keeps what it is given, and runs nothing.
 */
export interface GitLabServer {
  /** For `--api`. */
  url: string;
  /** Variables by owner, such as `projects/platform/images` or `groups/7`; who is not here is not found. */
  owners: Map<string, StoredVariable[]>;
  /** Projects with a repository, by path or number; which is not here is not found. */
  projects: Map<string, StoredProject>;
  /** All requests so far. */
  seen: SeenRequest[];
  /** What happens to the next requests, one each. */
  upsets: Upset[];
  /** Whether groups' variables have environment scopes: not without a licence. */
  groupScopes: boolean;
  close(): Promise<void>;
}

/** The token of a maintainer, and one that may read alone. */
export const credentials = { maintainer: "glpat-maintainer", guest: "glpat-guest" } as const;

/** Who holds them. */
export const users = {
  [credentials.maintainer]: { id: 41, username: "project_7_bot" },
  [credentials.guest]: { id: 42, username: "guest" },
} as const;

/** Starts it. */
export async function gitLabServer(): Promise<GitLabServer> {
  const state: GitLabServer = {
    url: "",
    owners: new Map(),
    projects: new Map(),
    seen: [],
    upsets: [],
    groupScopes: true,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = text ? JSON.parse(text) : undefined;
    const { method = "", url = "", headers } = request;
    state.seen.push({ method, url: decodeURIComponent(url), headers, body });
    const upset = state.upsets.shift();
    const answer = upset && !upset.afterwards ? undefined : serve(state, request, body);
    if (upset) {
      response.writeHead(upset.status, upset.headers).end(upset.body ?? "");
    } else if (answer) {
      response.writeHead(answer.status, { "Content-Type": "application/json", ...answer.headers });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`;
  return state;
}

function serve(state: GitLabServer, request: IncomingMessage, body: unknown): Answer {
  const { method = "", url = "", headers } = request;
  const { pathname, searchParams: query } = new URL(url, "http://gitlab");
  const [, kind = "", id = "", rest = ""] =
    /^\/api\/v4\/(projects|groups|user)(?:\/([^/]+)(\/.*))?$/.exec(pathname) ?? [];
  if (!kind) return { status: 404, body: { error: "404 Not Found" } };

  // A job's own token is not looked at here.
  const token = headers["private-token"];
  if (token !== credentials.maintainer && token !== credentials.guest) return said(401, "401 Unauthorized");
  if (kind === "user") return { status: 200, body: users[token] };

  const name = decodeURIComponent(id);
  const call: Call = { method, rest, query, body, headers };
  const variable = /^\/variables(?:\/([^/]+))?$/.exec(rest);
  const variables = state.owners.get(`${kind}/${name}`);
  const project = kind === "projects" ? state.projects.get(name) : undefined;
  if (variable ? !variables : !project) {
    return said(404, `404 ${kind === "projects" ? "Project" : "Group"} Not Found`);
  }
  if (token === credentials.guest) return said(403, "403 Forbidden");
  if (variable && variables) {
    const scoped = kind === "projects" || state.groupScopes;
    return serveVariables(variables, call, { key: variable[1], kind, scoped });
  }
  return serveProject(project as StoredProject, call, users[token]);
}

function serveProject(project: StoredProject, call: Call, user: { id: number; username: string }): Answer {
  const [, pipeline] = /^\/pipelines\/(\d+)$/.exec(call.rest) ?? [];
  if (pipeline !== undefined) return servePipeline(project, Number(pipeline));
  if (call.rest === "/repository/commits") return serveCommits(project, call);
  if (call.rest.startsWith("/merge_requests")) return serveMergeRequests(project, call, user);
  return { status: 404, body: { error: "404 Not Found" } };
}
