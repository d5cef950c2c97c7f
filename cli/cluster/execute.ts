import { Readable, Writable } from "node:stream";
import type { Exec } from "@kubernetes/client-node";
import { type Asked, answered, ClusterError, noCredentials, notFound, unreachable } from "./errors.ts";
import type { ExecOptions, Executed } from "./objects.ts";

/** A command in a container. */
export interface Execution extends ExecOptions {
  namespace: string;
  pod: string;
  container: string;
  command: readonly string[];
}

/** What the API server says at the end of a command. */
interface End {
  status?: string;
  reason?: string;
  message?: string;
  details?: { causes?: { reason?: string; message?: string }[] };
}

/**
 * Runs a command in a container and waits for its end.
 * @throws ClusterError when it could not be started, the connection broke before it ended, or it did not end in time
 */
export async function execute(
  executor: Pick<Exec, "exec">,
  asked: Asked,
  { namespace, pod, container, command, stdin, timeout = 60 }: Execution,
): Promise<Executed> {
  const stdout = new Collected();
  const stderr = new Collected();
  const what = `run ${command[0]} in ${pod}`;
  const ended = Promise.withResolvers<End>();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(unanswered(what, { namespace, pod, container }, timeout)),
    timeout * 1000,
  );
  const connecting = executor
    .exec(
      namespace,
      pod,
      container,
      [...command],
      stdout,
      stderr,
      stdin === undefined ? null : Readable.from([Buffer.from(stdin)]),
      false,
      (status) => ended.resolve(status as End),
    )
    .catch((error: unknown) => {
      throw refusal(asked, what, { namespace, pod }, error);
    });
  try {
    const connection = await Promise.race([connecting, late.promise]);
    connection.addEventListener("close", () => ended.resolve({ status: "Broken" }));
    const end = await Promise.race([ended.promise, late.promise]);
    return { code: exitCode(asked, what, end), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    clearTimeout(timer);
    // Also one that opens only now that nobody waits for it.
    connecting.then(
      (connection) => connection.close(),
      () => {},
    );
  }
}

const unanswered = (
  what: string,
  { namespace, pod, container }: Pick<Execution, "namespace" | "pod" | "container">,
  timeout: number,
) =>
  new ClusterError(
    "unanswered",
    `${what}: container ${container} did not answer within ${timeout} s`,
    `the command may still run there; see: kubectl -n ${namespace} logs ${pod} -c ${container} --tail=50`,
  );

function exitCode(asked: Asked, what: string, { status, reason, message, details }: End): number {
  if (status === "Success") return 0;
  const code = details?.causes?.find((cause) => cause.reason === "ExitCode")?.message;
  if (reason === "NonZeroExitCode" && code !== undefined) return Number(code);
  if (status === "Broken") {
    throw new ClusterError(
      "unreachable",
      `${what}: the connection to ${asked.server} broke before the command ended`,
      "what it did until then is unknown; look before it is run again",
    );
  }
  throw new ClusterError(
    "refused",
    `${what}: ${message ?? "it could not be started"}`,
    "see: kubectl describe pod",
  );
}

/** The WebSocket's library puts the answer's status into its message. */
function refusal(
  asked: Asked,
  what: string,
  { namespace, pod }: Pick<Execution, "namespace" | "pod">,
  error: unknown,
) {
  const { message = "" } = error as { message?: string };
  const status = Number(/Unexpected server response: (\d+)/.exec(message)?.[1]);
  if (status === 404) return notFound(asked, { apiVersion: "v1", kind: "Pod", name: pod, namespace });
  if (status) {
    const said = status === 403 ? `this person cannot create pods/exec in namespace ${namespace}` : message;
    return answered(asked, what, status, said);
  }
  const fromNetwork = (error as { error?: unknown }).error;
  return fromNetwork ? unreachable(asked, fromNetwork) : noCredentials(asked, error);
}

/** Keeps what is written to it. */
class Collected extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
