/** What went wrong between this machine and the server. */
export interface Problem {
  /** The HTTP status; undefined when there was no answer. */
  status?: number;
  /** The server's name for the error, such as `NoSuchCache`; one of `Unanswered` when it told none. */
  code: string;
  /** The server's own words, or what the network said. */
  message: string;
}

/** Errors that the server did not tell: the request did not reach it, or something else answered in its place. */
export const Unanswered = {
  network: "NoAnswer",
  timeout: "Timeout",
  redirect: "Redirect",
  unexplained: "Unexplained",
} as const;

/** A request to the server that failed. Its text holds no secret. */
export class AtticApiError extends Error {
  readonly status: number | undefined;
  readonly code: string;
  /** What to do about it. */
  readonly hint: string;

  /** @param what was asked, for instance `create cache main` */
  constructor(what: string, problem: Problem, endpoint: string) {
    const { status, code, message } = problem;
    super(`${what}: ${status === undefined ? code : `${status} ${code}`}: ${message}`);
    this.name = "AtticApiError";
    this.status = status;
    this.code = code;
    this.hint = hintOf(problem, endpoint);
  }
}

/** What to do, by the server's name for the error, else by the status. */
function hintOf({ status, code, message }: Problem, endpoint: string): string {
  if (code === "RequestError" && /Bad Host|Missing Host/.test(message)) {
    return "the server answers its allowed hosts alone: give one of attic:server.allowedHosts with --host";
  }
  return byCode[code] ?? (status === undefined ? `see whether ${endpoint} is the server` : byStatus(status));
}

const byCode: Record<string, string> = {
  [Unanswered.network]:
    "see whether the endpoint can be reached from here; through a port-forward, give --endpoint and --host. " +
    "A certificate of a private authority is trusted with NODE_EXTRA_CA_CERTS",
  [Unanswered.timeout]:
    "the server waits 30 s for its database before it says so: see whether the database and the pods are well",
  [Unanswered.redirect]: "give the address that it redirects to with --endpoint",
  CacheAlreadyExists:
    "somebody made it since it was looked for, so run the command again; with attic:server.softDeleteCaches, " +
    "the name of a deleted cache stays taken",
  InternalServerError: "the server cannot use its database: see its log, and whether the database is well",
  AccessError: "another token than the one for this command is sent, or a proxy changes it",
  Unauthorized:
    "the server refuses the token: it runs with another signing key, issuer or audience than the stack declares " +
    "(deploy the stack first), or its clock is more than ten minutes off",
};

function byStatus(status: number): string {
  if (status === 401) return byCode.Unauthorized as string;
  if (status === 429) return "the ingress limits requests from one address: wait a moment and run it again";
  if (status === 422 || status === 415) {
    return "the server does not understand the request: its version is another than the one this was written for";
  }
  if (status >= 500) return "the ingress finds no server that is ready: see whether the pods are";
  return "something else answers in the server's place: see whether the endpoint is the right one";
}
