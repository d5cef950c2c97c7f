/** A request, as far as Traefik's rules look at it. */
export interface Request {
  host: string;
  method: string;
  path: string;
}

/**
 * Whether a Traefik rule matches a request. It knows the matchers that the routes use; the tests in test/edge ask
 * Traefik itself.
 */
export function matches(rule: string, { host, method, path }: Request): boolean {
  const [pathname = ""] = path.split("?");
  const matchers = {
    Host: (name: string) => name === host,
    Method: (name: string) => name === method,
    Path: (wanted: string) => wanted === pathname,
    PathPrefix: (prefix: string) => pathname.startsWith(prefix),
    PathRegexp: (pattern: string) => new RegExp(pattern).test(pathname),
  };
  const expression = rule.replaceAll(/`([^`]*)`/g, (_, text) => JSON.stringify(text));
  return new Function(...Object.keys(matchers), `return ${expression}`)(...Object.values(matchers));
}
