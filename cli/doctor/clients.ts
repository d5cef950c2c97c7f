import type { StackConfig } from "../../config/resolve.ts";
import { checkClock } from "./cluster.ts";
import { type Finding, failed, ok, unseen } from "./finding.ts";
import { type Outside, patience, reasonOf } from "./outside.ts";

/**
 * Whether clients find the server, and it has this machine's time.
 * @param made whether there is anything of the stack: before its first update the ingress has no certificate and no
 *   route for it
 */
export async function checkClients(
  { hostname, server }: StackConfig,
  { addresses, fetch }: Outside,
  clock: () => Date,
  made = true,
): Promise<Finding[]> {
  const dns = await checkDns(hostname, addresses);
  if (dns.state !== "ok") return [dns, unseen("ingress", `${hostname} was not found`)];
  try {
    const response = await fetch(server.apiEndpoint, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(patience),
    });
    const date = new Date(response.headers.get("Date") ?? Number.NaN);
    const answered = judge(server.apiEndpoint, response, made);
    return [dns, answered, checkClock("clock of the ingress", "the ingress", date, clock())];
  } catch (error) {
    return [dns, notReached(server.apiEndpoint, error, made)];
  }
}

/** The server answers its own page whoever asks: any other answer is that of somebody on the way. */
function judge(endpoint: string, { ok: good, status }: Response, made: boolean): Finding {
  const said = `${endpoint} answers ${status}`;
  if (good) return ok("ingress", `${said} over a valid connection`);
  return made
    ? failed(
        "ingress",
        said,
        "docs/ingress.md#when-something-fails says where to look; atticctl status, what runs",
      )
    : unseen("ingress", said, "the stack's routes come with its first update");
}

async function checkDns(hostname: string, addresses: Outside["addresses"]): Promise<Finding> {
  try {
    const found = await addresses(hostname);
    if (found.length > 0) return ok("DNS", `${hostname} is ${found.join(", ")}`);
    const todo =
      "point it to Traefik's load balancer: kubectl get service --all-namespaces; certificates need it, too";
    return failed("DNS", `${hostname} has no address`, todo);
  } catch (error) {
    return unseen("DNS", `${hostname} could not be looked up: ${(error as Error).message}`);
  }
}

function notReached(endpoint: string, error: unknown, made: boolean): Finding {
  const reason = reasonOf(error);
  const { code = "" } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code)) {
    const said = `${endpoint} has a certificate that is not trusted: ${reason}`;
    return made
      ? failed("ingress", said, "see docs/runbooks/AtticCertificateNotReady.md")
      : unseen("ingress", said, "the stack's own comes with its first update");
  }
  return unseen(
    "ingress",
    `${endpoint} does not answer from here: ${reason}`,
    "before the first update nothing does",
  );
}
