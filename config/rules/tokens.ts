import { covers, overlap } from "../cache-names.ts";
import type { ParsedSettings } from "../schema/index.ts";
import { type Kind, kinds, type Permission } from "../schema/tokens.ts";
import { type Rule, unless } from "./rule.ts";

type Tokens = ParsedSettings["tokens"];
type Token = Tokens[Kind][string];

/** A Secret holds 1 MiB, and a token with the one before it about 2.4 KB. */
const mostInCluster = 400;

const allKinds = Object.keys(kinds) as Kind[];

/** Whatever is wrong with a token is one line of the section's mistake, so that one run tells every token's. */
function eachToken(
  says: string | ((kind: Kind) => string),
  problem: (token: Token, kind: Kind) => string[],
  of: readonly Kind[] = allKinds,
): Rule[] {
  return of.map((kind) => ({
    needs: [`tokens.${kind}`],
    at: `tokens.${kind}`,
    says: typeof says === "string" ? says : says(kind),
    check: ({ tokens }) => {
      const problems = Object.entries(tokens[kind]).flatMap(([name, token]) =>
        problem(token, kind).map((text) => `${name} ${text}`),
      );
      return problems.length > 0 ? problems.join("\n    ") : undefined;
    },
  }));
}

/** What tokens of a kind may allow at most; root may allow anything. */
const most: Record<Kind, readonly Permission[] | undefined> = {
  ci: ["pull", "push"],
  readOnly: ["pull"],
  service: ["pull", "push", "delete", "createCache", "configureCache", "configureCacheRetention"],
  root: undefined,
};

/** Rules over tokens: least privilege, what the server would misread, rotation, revocation. */
export const tokens: Rule[] = [
  ...eachToken(
    (kind) => (most[kind] ? `allow ${most[kind].join(", ")} at most` : "may allow anything"),
    ({ caches }, kind) => {
      const allowed = most[kind];
      return Object.entries(caches).flatMap(([cache, given]) => {
        const beyond = given.filter((permission) => allowed && !allowed.includes(permission));
        return beyond.length > 0
          ? [
              `must not allow ${beyond.join(", ")} on ${cache}: a ${kind} token allows ${allowed?.join(", ")} at most`,
            ]
          : [];
      });
    },
  ),
  ...eachToken(
    (kind) =>
      kind === "root"
        ? "may name every cache, `*`, with any permission"
        : "allow nothing but pull on every cache, `*`",
    ({ caches }, kind) => {
      if (kind === "root") return [];
      // Several stars mean what one does.
      const everywhere = Object.entries(caches).filter(([cache]) => covers(cache, "*"));
      const beyond = new Set(everywhere.flatMap(([, given]) => given.filter((p) => p !== "pull")));
      return beyond.size > 0
        ? [`must not allow ${[...beyond].join(", ")} on every cache: name them, or a prefix`]
        : [];
    },
  ),
  ...eachToken(
    "allow pull where they allow push",
    ({ caches }) =>
      Object.entries(caches).flatMap(([cache, given]) =>
        given.includes("push") && !given.includes("pull")
          ? [
              `must allow pull on ${cache}, too: a push begins by reading the cache's settings, which takes pull`,
            ]
          : [],
      ),
    ["ci", "service"],
  ),
  ...eachToken(
    "give patterns that both mean a cache the same permissions, or the narrower one less or more",
    ({ caches }) => ambiguities(caches),
  ),
  ...eachToken(
    "rotate at most half of `validityDays` before the end",
    ({ validityDays, rotateBeforeDays }) =>
      rotateBeforeDays * 2 > validityDays
        ? [
            `must rotate at most ${Math.floor(validityDays / 2)} days before its end, half of its ${validityDays} days`,
          ]
        : [],
  ),
  ...eachToken("have either `gitlab.project` or `gitlab.group`, where they have `gitlab`", ({ gitlab }) =>
    gitlab && (gitlab.project === undefined) === (gitlab.group === undefined)
      ? ["must name the project or the group whose GitLab variable is set, and not both"]
      : [],
  ),
  {
    needs: allKinds.map((kind) => `tokens.${kind}`),
    at: "tokens",
    says: "have names that no two kinds share",
    check: ({ tokens }) => {
      const names = allKinds.flatMap((kind) => Object.keys(tokens[kind]));
      const twice = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
      return unless(
        twice.length === 0,
        `must give each token a name of its own; in two kinds there is: ${twice.join(", ")}`,
      );
    },
  },
  {
    needs: allKinds.map((kind) => `tokens.${kind}`),
    at: "tokens",
    says: "set each GitLab variable from one token",
    check: ({ tokens }) => {
      const set = new Map<string, string[]>();
      for (const [name, { gitlab }] of allKinds.flatMap((kind) => Object.entries(tokens[kind]))) {
        if (!gitlab) continue;
        const { project, group, variable, environmentScope } = gitlab;
        const where = `${variable} of ${project ?? group} for ${environmentScope}`;
        set.set(where, [...(set.get(where) ?? []), name]);
      }
      const twice = [...set].filter(([, names]) => names.length > 1);
      return unless(
        twice.length === 0,
        `must set each GitLab variable to one token; ${twice.map(([where, names]) => `${where} is set by ${names.join(" and ")}`).join("; ")}`,
      );
    },
  },
  {
    needs: allKinds.map((kind) => `tokens.${kind}`),
    at: "tokens",
    says: `are at most ${mostInCluster} in the cluster’s Secret, which holds 1 MiB`,
    check: ({ tokens }) => {
      const count = allKinds
        .flatMap((kind) => Object.values(tokens[kind]))
        .filter(({ inCluster }) => inCluster).length;
      return unless(
        count <= mostInCluster,
        `must have at most ${mostInCluster} tokens in the cluster's Secret, which cannot hold more; there are ${count}: ` +
          "set inCluster: false for those that only pipelines use",
      );
    },
  },
  {
    needs: ["tokens.revoked"],
    at: "tokens.revoked",
    says: "has entries with either `token` and `generation`, or `fragment` and `expires`",
    check: ({ tokens }) => {
      const problems = tokens.revoked.flatMap(revokedProblems);
      return problems.length > 0 ? problems.join("\n    ") : undefined;
    },
  },
  {
    needs: ["tokens.revoked", "ingress.enabled"],
    at: "tokens.revoked",
    says: "is empty with `ingress.enabled: false`, as the ingress is what refuses them",
    check: ({ tokens, ingress }) =>
      unless(
        ingress.enabled || tokens.revoked.length === 0,
        "must be empty without the ingress, which is what refuses them; raise tokens.signingKey.generation instead",
      ),
  },
];

/**
 * Grants of which one hides a part of another: the server takes the exact name, else the first pattern that fits,
 * and adds nothing up. One that is narrower may allow more or less than a wider one, but not something else.
 */
function ambiguities(caches: Token["caches"]): string[] {
  const all = Object.entries(caches);
  return all.flatMap(([one, ofOne], i) =>
    all.slice(i + 1).flatMap(([other, ofOther]) => {
      if (!overlap(one, other) || same(ofOne, ofOther)) return [];
      const nested = covers(one, other) || covers(other, one);
      if (nested && (within(ofOne, ofOther) || within(ofOther, ofOne))) return [];
      const reason = nested
        ? `the narrower of ${one} and ${other} alone counts for what both mean, so it must repeat what the other allows`
        : `${one} and ${other} both mean some caches, and one alone counts: give both the same permissions`;
      return [`is ambiguous: ${reason}`];
    }),
  );
}

const within = (some: readonly Permission[], all: readonly Permission[]) =>
  some.every((p) => all.includes(p));
const same = (a: readonly Permission[], b: readonly Permission[]) => within(a, b) && within(b, a);

function revokedProblems(entry: Tokens["revoked"][number], i: number): string[] {
  const { token, generation, fragment, expires } = entry;
  const problems: string[] = [];
  if ((token === undefined) === (fragment === undefined)) problems.push("must have either token or fragment");
  if (token !== undefined && generation === undefined)
    problems.push("must say which generation of the token");
  if (fragment !== undefined && generation !== undefined)
    problems.push("must not have a generation with fragment");
  if (fragment !== undefined && expires === undefined)
    problems.push("must say when the token expires, or it is refused for ever");
  return problems.map((problem) => `entry ${i + 1} ${problem}`);
}
