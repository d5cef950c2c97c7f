import type { StackConfig } from "../../config/index.ts";
import { type Kind, kinds } from "../../config/schema/tokens.ts";
import type { Grants } from "./claims.ts";
import { issueOf } from "./revocation.ts";
import { type Generation, generationOf, generationsAt, seconds } from "./rotation.ts";

/** The remembered moments that the calendar is counted from. */
export interface Moments {
  /** When the signing key was made, ISO 8601. */
  key: string;
  /** When each root token's generation was asked for, by the token's name, ISO 8601. */
  roots: Readonly<Record<string, string>>;
}

/** What the state calls the moment when a root token's generation was asked for. */
export const momentName = (token: string, generation: number) => `token-${token}-${generation}`;

/** One generation of a token, and which issue of it is in use. */
export interface Issued extends Generation {
  issue: number;
}

/** A declared token at one time. */
export interface CalendarEntry {
  kind: Kind;
  name: string;
  grants: Grants;
  /** Whether it stands in the cluster's Secret. */
  inCluster: boolean;
  current: Issued;
  /** The one before it, as long as it is valid. */
  previous?: Issued;
}

/** Every declared token: which generation is current, since when and until when. */
export function calendar(config: StackConfig, now: Date, moments: Moments): CalendarEntry[] {
  const issued = (name: string, generation: Generation): Issued => ({
    ...generation,
    issue: issueOf(config, { name, generation: generation.number }),
  });
  const at = (time: string) => seconds(new Date(time));
  return (Object.keys(kinds) as Kind[]).flatMap((kind) =>
    Object.entries(config.tokens[kind]).map(([name, declared]) => {
      const root = kind === "root" ? config.tokens.root[name] : undefined;
      const { current, previous } = root
        ? {
            current: generationOf(root.generation, at(moments.roots[name] as string), root),
            previous: undefined,
          }
        : generationsAt(seconds(now), at(moments.key), declared);
      return {
        kind,
        name,
        grants: declared.caches,
        inCluster: declared.inCluster,
        current: issued(name, current),
        ...(previous && { previous: issued(name, previous) }),
      };
    }),
  );
}
