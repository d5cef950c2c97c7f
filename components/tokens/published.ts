import type { StackConfig } from "../../config/index.ts";
import { type Permission, permissions } from "../../config/schema/tokens.ts";
import type { CalendarEntry } from "./calendar.ts";
import type { Grants } from "./claims.ts";
import type { MintedToken } from "./mint.ts";
import { iso } from "./rotation.ts";

/** What the Secret and the stack's outputs say of one token, as JSON. Times are ISO 8601. */
export interface PublishedToken {
  kind: string;
  generation: number;
  /** How many issues of the generation were revoked before this one. */
  issue: number;
  /** The JWT. */
  secret: string;
  /** What it allows, by cache or pattern. */
  caches: Grants;
  /** All that it allows somewhere. */
  permissions: Permission[];
  issued: string;
  expires: string;
  /** When the next one takes its place; for a root token, when a person has to see to it. */
  rotates: string;
  /** The generation before it, as long as it is valid. */
  previous?: { generation: number; issue: number; secret: string; expires: string };
}

/** A token with its JWT, in the words of the Secret. */
export function published({ secret, previousSecret, ...entry }: MintedToken): PublishedToken {
  const { current, previous, kind, grants } = entry;
  return {
    kind,
    generation: current.number,
    issue: current.issue,
    secret,
    caches: grants,
    permissions: permissions.filter((each) => Object.values(grants).some((some) => some.includes(each))),
    issued: iso(current.issued),
    expires: iso(current.expires),
    rotates: iso(current.rotates),
    ...(previous &&
      previousSecret && {
        previous: {
          generation: previous.number,
          issue: previous.issue,
          secret: previousSecret,
          expires: iso(previous.expires),
        },
      }),
  };
}

/** The names of the tokens that stand in the cluster's Secret. */
export function namesInCluster({ tokens }: StackConfig): string[] {
  const { ci, readOnly, service, root } = tokens;
  return [ci, readOnly, service, root].flatMap((kind) =>
    Object.entries(kind).flatMap(([name, { inCluster }]) => (inCluster ? [name] : [])),
  );
}

/** Annotations of the Secret, which holds at least one token: when a token in it was last made anew, and when the next one is. */
export function rotationAnnotations(calendar: readonly CalendarEntry[]): Record<string, string> {
  const inCluster = calendar.filter((entry) => entry.inCluster).map(({ current }) => current);
  return {
    "attic.pulumi/rotated": iso(Math.max(...inCluster.map(({ issued }) => issued))),
    "attic.pulumi/rotates": iso(Math.min(...inCluster.map(({ rotates }) => rotates))),
  };
}
