import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A variable as GitLab keeps it. */
export interface StoredVariable {
  key: string;
  value: string | null;
  variable_type: string;
  protected: boolean;
  masked: boolean;
  hidden: boolean;
  raw: boolean;
  environment_scope: string;
  description: string | null;
}

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

/** The variables API of GitLab on loopback, as lib/api/ci/variables.rb and lib/api/group_variables.rb have it. */
export interface GitLabServer {
  /** For `--api`. */
  url: string;
  /** By owner, such as `projects/platform/images` or `groups/7`; who is not here is not found. */
  owners: Map<string, StoredVariable[]>;
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

/** Starts it. */
export async function gitLabServer(): Promise<GitLabServer> {
  const state: GitLabServer = {
    url: "",
    owners: new Map(),
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
      send(response, ...answer);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`;
  return state;
}

type Answer = [status: number, body: unknown];

function serve(state: GitLabServer, request: IncomingMessage, body: Partial<StoredVariable>): Answer {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://gitlab");
  const [, kind = "", id = "", key] =
    /^\/api\/v4\/(projects|groups)\/([^/]+)\/variables(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (!kind) return [404, { error: "404 Not Found" }];

  // A job's own token is not looked at here.
  const token = request.headers["private-token"];
  if (token !== credentials.maintainer && token !== credentials.guest) return said(401, "401 Unauthorized");
  const variables = state.owners.get(`${kind}/${decodeURIComponent(id)}`);
  if (!variables) return said(404, `404 ${kind === "projects" ? "Project" : "Group"} Not Found`);
  if (token === credentials.guest) return said(403, "403 Forbidden");

  const scoped = kind === "projects" || state.groupScopes;
  const filter = scoped ? searchParams.get("filter[environment_scope]") : null;
  if (request.method === "POST") return create(variables, body, scoped);
  const found = variables.filter(
    (each) => each.key === key && (filter === null || each.environment_scope === filter),
  );
  if (found.length > 1) {
    return said(
      409,
      "409 Conflict: There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
    );
  }
  const [variable] = found;
  if (!variable) return said(404, `404 ${kind === "projects" ? "Variable" : "GroupVariable"} Not Found`);
  if (request.method === "GET") return [200, variable.hidden ? { ...variable, value: null } : variable];
  return change(variable, body, scoped);
}

function create(variables: StoredVariable[], body: Partial<StoredVariable>, scoped: boolean): Answer {
  const variable: StoredVariable = {
    key: "",
    value: "",
    variable_type: "env_var",
    protected: false,
    masked: false,
    hidden: false,
    raw: false,
    description: null,
    ...body,
    environment_scope: (scoped && body.environment_scope) || "*",
  };
  const taken = variables.some(
    (each) => each.key === variable.key && each.environment_scope === variable.environment_scope,
  );
  if (taken) return said(400, { key: [`(${variable.key}) has already been taken`] });
  const invalid = validate(variable);
  if (invalid) return invalid;
  variables.push(variable);
  return [201, variable];
}

function change(variable: StoredVariable, body: Partial<StoredVariable>, scoped: boolean): Answer {
  const { environment_scope, ...rest } = body;
  const changed = { ...variable, ...rest, ...(scoped && environment_scope && { environment_scope }) };
  const invalid = validate(changed);
  if (invalid) return invalid;
  Object.assign(variable, changed);
  return [200, variable];
}

/** app/models/concerns/ci/maskable.rb, and the longest description. */
function validate({ value, masked, raw, description }: StoredVariable): Answer | undefined {
  const maskable = raw ? /^\S{8,}$/ : /^[a-zA-Z0-9_+=/@:.~-]{8,}$/;
  if (masked && !maskable.test(value ?? "")) return said(400, { value: ["is invalid"] });
  if ((description?.length ?? 0) > 255) {
    return said(400, { description: ["is too long (maximum is 255 characters)"] });
  }
  return undefined;
}

const said = (status: number, message: unknown): Answer => [status, { message }];

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}
