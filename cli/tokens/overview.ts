import { isDeepStrictEqual } from "node:util";
import type { CalendarEntry } from "../../components/tokens/calendar.ts";
import { claims, type Grants } from "../../components/tokens/claims.ts";
import type { PublishedToken } from "../../components/tokens/published.ts";
import { seconds } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import { type Kind, kinds } from "../../config/schema/tokens.ts";
import type { Deployed } from "../deployed.ts";
import { decodeJwt } from "./jwt.ts";
import { calendarAt, hasDeclaredKey, schedule } from "./schedule.ts";

type GitLab = StackConfig["tokens"]["ci"][string]["gitlab"];

/** One token: as it was deployed, and what is declared of it now. Without the token itself. */
export interface TokenRow {
  name: string;
  kind: string;
  /** Undefined before the first one is minted. */
  deployed?: Omit<PublishedToken, "secret" | "previous" | "kind" | "caches" | "permissions"> & {
    /** The generation before it, as long as it is valid. */
    previous?: Omit<NonNullable<PublishedToken["previous"]>, "secret">;
  };
  /** What it allows; as deployed, else as declared. */
  caches: Grants;
  /** Whether a person has to raise its generation, because it never rotates by itself. */
  byHand: boolean;
  /** Whether it stands in the cluster's Secret. */
  inCluster: boolean;
  /** The GitLab variable that is set to it. */
  gitlab?: GitLab;
  /** What is not as it should be, or will change with the next update; in words. */
  notes: string[];
}

/** Every token that is deployed or declared, by kind and then by name as they are declared. */
export function overview(config: StackConfig, deployed: Deployed, now: Date): TokenRow[] {
  const due = calendarAt(schedule(config, deployed), now);
  const declared = (Object.keys(kinds) as Kind[]).flatMap((kind) =>
    Object.entries(config.tokens[kind]).map(([name, token]) => ({ kind, name, token })),
  );
  const names = new Set(declared.map(({ name }) => name));
  const gone = Object.entries(deployed.tokens).filter(([name]) => !names.has(name));
  return [
    ...declared.map(({ kind, name, token }): TokenRow => {
      const published = deployed.tokens[name];
      return {
        name,
        kind,
        ...(published && { deployed: withoutSecrets(published) }),
        caches: published?.caches ?? token.caches,
        byHand: kind === "root",
        inCluster: token.inCluster,
        ...(token.gitlab && { gitlab: token.gitlab }),
        notes: published
          ? notesOn(config, name, published, due.get(name), now)
          : ["not minted yet: the next update makes it"],
      };
    }),
    ...gone.map(
      ([name, published]): TokenRow => ({
        name,
        kind: published.kind,
        deployed: withoutSecrets(published),
        caches: published.caches,
        byHand: published.kind === "root",
        inCluster: false,
        notes: [
          "no longer declared: the next update publishes it no more, and it stays valid until it expires or is revoked",
        ],
      }),
    ),
  ];
}

/** A deployed token as it may be shown. */
function withoutSecrets(token: PublishedToken): TokenRow["deployed"] {
  const { generation, issue, issued, expires, rotates, previous } = token;
  return {
    generation,
    issue,
    issued,
    expires,
    rotates,
    ...(previous && {
      previous: { generation: previous.generation, issue: previous.issue, expires: previous.expires },
    }),
  };
}

/** What is late about a token, or would be changed by an update. */
function notesOn(
  config: StackConfig,
  name: string,
  published: PublishedToken,
  due: CalendarEntry | undefined,
  now: Date,
): string[] {
  const expired = new Date(published.expires) <= now ? ["expired: the server refuses it"] : [];
  const change = changeOf(config, name, published, due) ?? byHandOf(name, due, now);
  return change ? [...expired, change] : expired;
}

/** What the next update would change about a token that is deployed and declared; undefined when nothing. */
export function changeOf(
  config: StackConfig,
  name: string,
  published: PublishedToken,
  due: CalendarEntry | undefined,
): string | undefined {
  if (!hasDeclaredKey(config, name, published)) {
    return "void with the next update, which makes the signing key anew";
  }
  if (!due) return `the next update makes generation ${config.tokens.root[name]?.generation}`;
  const { current, kind, grants } = due;
  if (current.number !== published.generation) {
    return `generation ${current.number} is due: the next update makes it`;
  }
  if (current.issue !== published.issue) {
    return `revoked in the configuration: the next update makes issue ${current.issue}`;
  }
  const signingKey = config.tokens.signingKey.generation;
  const which = { name, signingKey, generation: current.number, issue: current.issue };
  const wanted = claims(which, kind, grants, current, config.server.jwt);
  return isDeepStrictEqual(wanted, decodeJwt(published.secret).payload)
    ? undefined
    : "declared otherwise by now: the next update makes it anew";
}

/** That a person has to see to a root token. */
function byHandOf(name: string, due: CalendarEntry | undefined, now: Date): string | undefined {
  if (due?.kind !== "root" || due.current.rotates > seconds(now)) return undefined;
  return `due to be made anew: ${raiseGeneration(name, due.current.number)}`;
}

/** What a person does about a root token that is due. */
export const raiseGeneration = (name: string, generation: number) =>
  `raise attic:tokens.root.${name}.generation to ${generation + 1}`;
