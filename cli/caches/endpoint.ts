import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

/** Where the server is asked. */
export interface Endpoint {
  /** It ends in a slash. */
  url: string;
  /** The Host header; the URL's when undefined. */
  host?: string;
}

/**
 * Where to ask, and with which Host header: the stack's own endpoint, unless a person gives another way to it. The
 * server does not answer to the name of another way, so it is asked by the stack's.
 * @param own the stack's endpoint
 * @param allowedHosts what the server answers to
 * @throws CliError for what is no URL, and for one that the token would travel to unencrypted
 */
export function endpointOf(
  own: string,
  allowedHosts: readonly string[],
  given: { endpoint?: string; host?: string },
): Endpoint {
  const url = given.endpoint === undefined ? new URL(own) : parse(given.endpoint);
  const known = url.origin === new URL(own).origin;
  if (url.protocol === "http:" && !known && !near(url.hostname)) {
    throw new CliError(
      EXIT.usage,
      `--endpoint ${given.endpoint} is plain HTTP: the network would see the token`,
      "use https, a port-forward to this machine, or the Service's own name within the cluster",
    );
  }
  const host = given.host ?? (known || allowedHosts.includes(url.host) ? undefined : new URL(own).host);
  return { url: url.href, ...(host !== undefined && { host }) };
}

function parse(text: string): URL {
  const url = URL.parse(text.endsWith("/") ? text : `${text}/`);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    throw new CliError(
      EXIT.usage,
      "--endpoint is no URL of a server",
      "write one such as http://127.0.0.1:8080/, without a password: the token is made by this command",
    );
  }
  return url;
}

/** Whether it is this machine, or a Service of the cluster that this runs in. */
const near = (hostname: string) =>
  hostname === "localhost" ||
  hostname === "[::1]" ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname) ||
  /\.svc(\.cluster\.local)?$/.test(hostname);
