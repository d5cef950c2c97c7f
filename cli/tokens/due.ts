import type { CalendarEntry } from "../../components/tokens/calendar.ts";
import type { PublishedToken } from "../../components/tokens/published.ts";
import { seconds } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Deployed } from "../deployed.ts";
import { secondsOf, stampFromNow } from "../time.ts";
import { changeOf, raiseGeneration } from "./overview.ts";
import { calendarAt, hasDeclaredKey, schedule } from "./schedule.ts";
import { generationWords } from "./words.ts";

/** Why a deployed token, or what is published of it, is out of date by the calendar or by a revocation. */
export type Reason = "rotation" | "calendar changed" | "revoked" | "previous ended";

/** A token that an update would bring up to date, whatever else is declared. */
export interface DueToken {
  name: string;
  kind: string;
  reason: Reason;
  /** Such as `1`, and `3.1` for the issue that took the place of a revoked one. */
  from: string;
  to: string;
}

/**
 * What is due at a time, in the order of the calendar. A token that is declared otherwise than it was deployed, or not
 * deployed yet, is not before its time has come: that is for a deployment.
 */
export function dueTokens(config: StackConfig, deployed: Deployed, now: Date): DueToken[] {
  return [...calendarAt(schedule(config, deployed), now).values()].flatMap((entry): DueToken[] => {
    const { name, kind, current } = entry;
    const published = deployed.tokens[name];
    const reason = published && reasonFor(entry, published, now);
    if (!reason) return [];
    const to = generationWords({ generation: current.number, issue: current.issue });
    return [{ name, kind, reason, from: generationWords(published), to }];
  });
}

function reasonFor(entry: CalendarEntry, published: PublishedToken, now: Date): Reason | undefined {
  const { current } = entry;
  if (current.number > published.generation) return "rotation";
  if (current.number === published.generation && current.issue > published.issue) return "revoked";
  if (isLate(entry, published, now)) return "calendar changed";
  const ended = published.previous && secondsOf(published.previous.expires) <= seconds(now);
  return ended ? "previous ended" : undefined;
}

/**
 * Whether a deployed token should have been made anew by now, though the calendar that is declared since has no later
 * generation: a longer validity numbers them anew. A root token waits for its holder.
 */
export const isLate = ({ kind, current }: CalendarEntry, published: PublishedToken, now: Date) =>
  kind !== "root" &&
  secondsOf(published.rotates) <= seconds(now) &&
  secondsOf(published.expires) < current.expires;

/** The declared tokens that are not due, and that an update of the tokens makes all the same: as they are declared now. */
export function notDueButMade(config: StackConfig, deployed: Deployed, now: Date): string[] {
  const due = new Set(dueTokens(config, deployed, now).map(({ name }) => name));
  const entries = calendarAt(schedule(config, deployed), now);
  return declaredNames(config).filter((name) => {
    const published = deployed.tokens[name];
    return !due.has(name) && (!published || changeOf(config, name, published, entries.get(name)));
  });
}

/** Every declared token, by kind and then as the file has them. */
export const declaredNames = ({ tokens: { ci, readOnly, service, root } }: StackConfig) =>
  [ci, readOnly, service, root].flatMap((kind) => Object.keys(kind));

/** Whether another signing key is declared than the deployed tokens are signed with. */
export const newKeyDeclared = (config: StackConfig, { tokens }: Deployed) =>
  Object.entries(tokens).some(([name, token]) => !hasDeclaredKey(config, name, token));

/** A deployed token that ends too soon. */
export interface Expiring {
  name: string;
  kind: string;
  /** ISO 8601. */
  expires: string;
  /** Who has to do what. */
  fix: string;
}

/**
 * Declared tokens that end within a time, and what helps.
 * @param within seconds
 */
export function expiringTokens(
  config: StackConfig,
  { tokens }: Deployed,
  now: Date,
  within: number,
): Expiring[] {
  return declaredNames(config).flatMap((name) => {
    const token = tokens[name];
    if (!token || secondsOf(token.expires) > seconds(now) + within) return [];
    const { kind, expires, generation } = token;
    const fix =
      kind === "root"
        ? `its holder: ${raiseGeneration(name, generation)}, deploy, and fetch the new one with \`atticctl tokens get ${name}\``
        : "run this again once what stopped it is gone; `atticctl tokens list` says what is late";
    return [{ name, kind, expires, fix }];
  });
}

/** A token that ends too soon, in a line. */
export const expiringWords = ({ name, expires, fix }: Expiring, now: Date) =>
  `${name} ${secondsOf(expires) <= seconds(now) ? "ended" : "ends"} ${stampFromNow(secondsOf(expires), seconds(now))}; ${fix}`;
