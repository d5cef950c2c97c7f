import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { Ref } from "./objects.ts";

/**
 * What kind of failure: `unavailable` is a server that cannot answer now, `refused` a request that it does not take,
 * `unanswered` a command in a container that did not end in time.
 */
export type ClusterProblem =
  | "noKubeconfig"
  | "unreachable"
  | "unavailable"
  | "credentials"
  | "forbidden"
  | "notFound"
  | "unknownKind"
  | "conflict"
  | "refused"
  | "unanswered";

/** A failure to do something in a stack's cluster. Holds no secret. */
export class ClusterError extends CliError {
  readonly problem: ClusterProblem;
  /** Of the API server's answer; undefined when there was none. */
  readonly status: number | undefined;

  constructor(problem: ClusterProblem, message: string, hint: string, status?: number) {
    const missing = problem === "notFound" || problem === "unknownKind";
    super(missing ? EXIT.notFound : EXIT.failed, message, hint);
    this.name = "ClusterError";
    this.problem = problem;
    this.status = status;
  }
}

/** Who is asked, for messages and hints. */
export interface Asked {
  /** The stack, as Pulumi names it. */
  stack: string;
  context: string;
  server: string;
  source: string;
  /** Whether it is the control plane of `npm run local`. */
  embedded: boolean;
}

const whereabouts = ({ context, source }: Asked) => `context ${context} of ${source}`;

/** There was no answer. */
export function unreachable(asked: Asked, error: unknown): ClusterError {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = message || code || String(error);
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME|EPROTO/.test(code ?? "")) {
    return new ClusterError(
      "unreachable",
      `the API server ${asked.server} has a certificate that is not trusted: ${words}`,
      `see the certificate-authority in ${whereabouts(asked)}; a cluster that was made anew has another one`,
    );
  }
  return new ClusterError(
    "unreachable",
    `the API server ${asked.server} does not answer: ${words}`,
    asked.embedded
      ? "nothing is running here; `npm run local` starts it"
      : `it is the one of ${whereabouts(asked)}; is this the right one, and does it need a VPN? Try: kubectl --context ${asked.context} version`,
  );
}

/** There is nothing to prove who asks with: the program that the kubeconfig names for it failed. */
export function noCredentials(asked: Asked, error: unknown): ClusterError {
  // Its first line alone: what such a program prints may be credentials.
  const [line = ""] = (error instanceof Error ? error.message : String(error)).trim().split("\n");
  return new ClusterError(
    "credentials",
    `there are no credentials for ${whereabouts(asked)}: ${line.slice(0, 200) || "its program failed without a word"}`,
    `log in to the cloud again, and see whether this works: kubectl --context ${asked.context} version`,
  );
}

/** That an object is not there. */
export function notFound(asked: Asked, { kind, name, namespace }: Ref): ClusterError {
  return new ClusterError(
    "notFound",
    `there is no ${kind} ${name}${namespace ? ` in namespace ${namespace}` : ""} (${whereabouts(asked)})`,
    `is it the right cluster, and was stack ${asked.stack} brought up?`,
    404,
  );
}

/** That the API server does not know a kind. */
export function unknownKind(apiVersion: string, kind: string): ClusterError {
  return new ClusterError(
    "unknownKind",
    `the cluster knows no kind ${kind} of ${apiVersion}`,
    "what defines it is not installed, or is of another version: docs/operators.md",
    404,
  );
}

/**
 * What an answer means that is no success.
 * @param what was asked, for instance `list Deployment`
 */
export function answered(asked: Asked, what: string, status: number, text: string): ClusterError {
  const said = messageIn(text);
  if (status === 401) {
    return new ClusterError(
      "credentials",
      `the API server ${asked.server} does not accept the credentials of ${whereabouts(asked)}`,
      `they have expired or were withdrawn: log in again, and see whether this works: kubectl --context ${asked.context} version`,
      status,
    );
  }
  if (status === 403) {
    return new ClusterError(
      "forbidden",
      `${what}: ${allowed(said)}`,
      `ask whoever runs the cluster for a role that allows it, or use another context than ${asked.context}`,
      status,
    );
  }
  if (status === 409) {
    return new ClusterError("conflict", `${what}: ${said}`, "somebody else changed it: try again", status);
  }
  if (status === 429 || status >= 500) {
    return new ClusterError(
      "unavailable",
      `${what}: the API server cannot answer now: HTTP ${status}: ${said}`,
      "try again in a moment",
      status,
    );
  }
  return new ClusterError(
    "refused",
    `${what}: ${said} (HTTP ${status})`,
    "the API server does not take it",
    status,
  );
}

/** Who may not do what: `User "x" cannot list …` of `pods is forbidden: User "x" cannot list …`. */
const allowed = (said: string) => said.replace(/^.*? is forbidden: /, "");

/** The API server's own words. */
function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: string };
    if (typeof message === "string" && message !== "") return message;
  } catch {
    // No Status: something in front of the API server, or what it is a proxy to.
  }
  const line = text.replace(/\s+/g, " ").trim();
  return line.slice(0, 300) || "an empty answer";
}
