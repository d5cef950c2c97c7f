import type { ParsedSettings } from "./schema/index.ts";

/** A stack's configuration with nothing left open: what the components are built from. Plain and frozen. */
export interface StackConfig extends Omit<ParsedSettings, "server"> {
  server: ParsedSettings["server"] &
    Required<Pick<ParsedSettings["server"], "apiEndpoint" | "substituterEndpoint" | "allowedHosts">>;
}

/** Fills in the defaults that depend on other keys, and freezes the result. */
export function resolve(parsed: ParsedSettings): StackConfig {
  const { hostname, server } = parsed;
  const apiEndpoint = server.apiEndpoint ?? `https://${hostname}/`;
  return freeze({
    ...parsed,
    server: {
      ...server,
      apiEndpoint,
      substituterEndpoint: server.substituterEndpoint ?? apiEndpoint,
      allowedHosts: server.allowedHosts ?? [hostname],
    },
  });
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) for (const child of Object.values(value)) freeze(child);
  return Object.freeze(value);
}
