import type { StackConfig } from "../../config/index.ts";
import type { CalendarEntry, Issued } from "./calendar.ts";
import { claims } from "./claims.ts";
import { sign, signingKey } from "./jwt.ts";

/** A token as it is handed out. */
export interface MintedToken extends CalendarEntry {
  /** The JWT of the current generation. */
  secret: string;
  /** The JWT of the one before it, as long as it is valid. */
  previousSecret?: string;
}

/**
 * Mints every token of a calendar. Equal arguments make equal tokens.
 * @param pem the private signing key
 */
export function mint(
  config: StackConfig,
  calendar: readonly CalendarEntry[],
  pem: string,
): Promise<MintedToken[]> {
  if (calendar.length === 0) return Promise.resolve([]);
  const key = signingKey(pem);
  const { signingKey: declared } = config.tokens;
  const token = ({ kind, name, grants }: CalendarEntry, { issue, number, ...validity }: Issued) => {
    const which = { name, signingKey: declared.generation, generation: number, issue };
    return sign(claims(which, kind, grants, validity, config.server.jwt), key);
  };
  return Promise.all(
    calendar.map(async (entry) => ({
      ...entry,
      secret: await token(entry, entry.current),
      ...(entry.previous && { previousSecret: await token(entry, entry.previous) }),
    })),
  );
}
