import { seconds } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Deployed } from "../deployed.ts";
import { secondsOf, stampFromNow } from "../time.ts";
import { raiseGeneration } from "./overview.ts";
import { calendarAt, hasDeclaredKey, schedule } from "./schedule.ts";
import { generationWords } from "./words.ts";

/** Why a deployed token, or what is published of it, is out of date by the calendar or by a revocation. */
export type Reason = "rotation" | "revoked" | "previous ended";

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
 * deployed yet, is not: that is for a deployment.
 */
export function dueTokens(config: StackConfig, deployed: Deployed, now: Date): DueToken[] {
  return [...calendarAt(schedule(config, deployed), now).values()].flatMap(
    ({ name, kind, current }): DueToken[] => {
      const published = deployed.tokens[name];
      if (!published) return [];
      const numbered = { generation: current.number, issue: current.issue };
      const of = { name, kind, from: generationWords(published), to: generationWords(numbered) };
      if (current.number > published.generation) return [{ ...of, reason: "rotation" }];
      if (current.number === published.generation && current.issue > published.issue) {
        return [{ ...of, reason: "revoked" }];
      }
      const ended = published.previous && secondsOf(published.previous.expires) <= seconds(now);
      return ended ? [{ ...of, reason: "previous ended" }] : [];
    },
  );
}

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
  const { ci, readOnly, service, root } = config.tokens;
  const declared = [ci, readOnly, service, root].flatMap((kind) => Object.keys(kind));
  return declared.flatMap((name) => {
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
