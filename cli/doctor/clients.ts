import type { StackConfig } from "../../config/resolve.ts";
import { checkClock } from "./cluster.ts";
import { type Finding, failed, ok, unseen } from "./finding.ts";
import { type Outside, patience, reasonOf } from "./outside.ts";

/**
 * Whether clients find the server, and it has this machine's time.
 * @param made whether there is anything of the stack: before its first update the ingress has no certificate for it
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
    const said = `${server.apiEndpoint} answers ${response.status} over a valid connection`;
    const date = new Date(response.headers.get("Date") ?? Number.NaN);
    const answered =
      response.status < 500
        ? ok("ingress", said)
        : failed(
            "ingress",
            `${server.apiEndpoint} answers ${response.status}`,
            "atticctl status says what runs",
          );
    return [dns, answered, checkClock("clock of the ingress", "the ingress", date, clock())];
  } catch (error) {
    return [dns, notReached(server.apiEndpoint, error, made)];
  }
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
