import { type CalendarEntry, calendar, type Moments } from "../../components/tokens/calendar.ts";
import { tokenId } from "../../components/tokens/claims.ts";
import type { PublishedToken } from "../../components/tokens/published.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Deployed } from "../deployed.ts";
import { decodeJwt } from "./jwt.ts";

/** What the calendar is counted from, as far as the last update tells. */
export interface Schedule {
  /** What is declared, less the root tokens whose generation is not minted yet: nobody knows when it will be. */
  config: StackConfig;
  moments: Moments;
}

/** The schedule of a stack's tokens. */
export function schedule(config: StackConfig, { tokens, tokenAnchor }: Deployed): Schedule {
  const root = Object.entries(config.tokens.root).filter(
    ([name, { generation }]) => tokens[name]?.kind === "root" && tokens[name].generation === generation,
  );
  return {
    config: { ...config, tokens: { ...config.tokens, root: Object.fromEntries(root) } },
    moments: {
      key: tokenAnchor,
      roots: Object.fromEntries(root.map(([name]) => [name, (tokens[name] as PublishedToken).issued])),
    },
  };
}

/** What an update at a time would publish, by the tokens' names. */
export function calendarAt({ config, moments }: Schedule, now: Date): Map<string, CalendarEntry> {
  return new Map(calendar(config, now, moments).map((entry) => [entry.name, entry]));
}

/** Whether a deployed token is signed with the key that is declared now, and not with one before it. */
export function hasDeclaredKey(config: StackConfig, name: string, token: PublishedToken): boolean {
  const { generation, issue, secret } = token;
  const signingKey = config.tokens.signingKey.generation;
  return decodeJwt(secret).payload.jti === tokenId({ name, signingKey, generation, issue });
}
