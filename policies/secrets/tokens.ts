import { type Problem, resourcePolicy, stackPolicy } from "../framework/policy.ts";
import { flag, integer } from "../framework/settings.ts";
import { STACK_TYPE } from "../framework/subject.ts";
import { texts } from "../framework/unknown.ts";
import { type AtticToken, atticTokens } from "./jwt.ts";

/** Permissions in the letters of Attic's claim: pull and push. */
const [PULL, PUSH, DESTROY] = ["r", "w", "cd"] as const;

/** The patterns that mean every cache: the server takes several stars side by side as one, and knows no `?`. */
const EVERY_CACHE = /^\*+$/;

/** What a kind of token may allow at most. */
interface Kind {
  /** For how many days. */
  days: number;
  /** Whether it may allow a permission on any cache at all. */
  may(permission: string): boolean;
  /** Whether it may allow a permission on every cache, see {@link EVERY_CACHE}. */
  everywhere(permission: string): boolean;
}

const settings = {
  ciDays: integer(90, "how many days a token of kind ci is valid at most"),
  readOnlyDays: integer(90, "how many days a token of kind readOnly is valid at most"),
  serviceDays: integer(365, "how many days a token of kind service is valid at most"),
  rootDays: integer(180, "how many days a token of kind root is valid at most"),
};

const pullOnly = (permission: string) => permission === PULL;

const pullOrPush = (permission: string) => permission === PULL || permission === PUSH;
const allButDestroy = (permission: string) => permission !== DESTROY;
const all = () => true;

const kinds = (days: Record<keyof typeof settings, number>): ReadonlyMap<string, Kind> =>
  new Map([
    ["ci", { days: days.ciDays, may: pullOrPush, everywhere: pullOnly }],
    ["readOnly", { days: days.readOnlyDays, may: pullOnly, everywhere: pullOnly }],
    ["service", { days: days.serviceDays, may: allButDestroy, everywhere: pullOnly }],
    ["root", { days: days.rootDays, may: all, everywhere: all }],
  ]);

/** A token is what it says: whoever made it wider or longer-lived than its kind made another kind of token. */
export const tokensInSecrets = resourcePolicy({
  name: "tokens-in-secrets",
  description:
    "Tokens in Secrets allow no more, and for no longer, than their kind may; none of them is root.",
  level: "mandatory",
  kinds: ["core/Secret"],
  settings: { ...settings, rootInCluster: flag(false, "whether a root token may stand in a Secret") },
  *check({ object }, { rootInCluster, ...days }) {
    const values = [
      ...texts(object?.stringData, "stringData"),
      ...[...texts(object?.data, "data")].map(({ path, text }) => ({
        path,
        text: Buffer.from(text, "base64").toString(),
      })),
    ];
    for (const { path, text } of values) {
      for (const token of atticTokens(text)) {
        yield* judge(path, token, kinds(days));
        const [kind] = token.subject.split("/");
        if (kind === "root" && !rootInCluster) {
          yield {
            field: path,
            problem: "a root token: whoever may read Secrets of the namespace is root of the cache",
            fix: "Leave inCluster: false, or set `rootInCluster` where a workload really needs it.",
          };
        }
        const declared = declaredKind(text);
        if (declared !== undefined && declared !== kind) {
          yield {
            field: path,
            problem: `the Secret calls it ${declared}, the token itself ${token.subject}`,
            fix: "Mint it with the kind that it is declared with.",
          };
        }
      }
    }
  },
});

/** The same for tokens that leave the stack as its outputs. */
export const tokensInOutputs = stackPolicy({
  name: "tokens-in-outputs",
  description: "Tokens among the stack's outputs allow no more, and for no longer, than their kind may.",
  level: "mandatory",
  settings,
  *check({ resources }, days) {
    for (const resource of resources.filter(({ kind }) => kind === STACK_TYPE)) {
      for (const { path, text } of texts(resource.properties)) {
        for (const token of atticTokens(text)) {
          for (const problem of judge(`outputs.${path}`, token, kinds(days))) yield { resource, ...problem };
        }
      }
    }
  },
});

function* judge(
  field: string,
  { subject, seconds, grants }: AtticToken,
  known: ReadonlyMap<string, Kind>,
): Generator<Problem> {
  const [name = ""] = subject.split("/");
  const kind = known.get(name);
  if (kind === undefined) {
    yield {
      field,
      problem: `a token without a kind: its subject is ${JSON.stringify(subject)}`,
      fix: `Its subject must be kind/name; there are ${[...known.keys()].join(", ")}.`,
    };
    return;
  }
  if (seconds === undefined) {
    yield {
      field,
      problem: `${subject} never ends, or does not say since when it is valid`,
      fix: "Give it exp and iat.",
    };
  } else if (seconds > kind.days * 86_400) {
    yield {
      field,
      problem: `${subject} is valid for ${Math.ceil(seconds / 86_400)} days; a token of its kind for ${kind.days} at most`,
      fix: "Shorten validityDays.",
    };
  }
  for (const [cache, permissions] of Object.entries(grants)) {
    for (const permission of permissions) {
      const allowed = EVERY_CACHE.test(cache) ? kind.everywhere(permission) : kind.may(permission);
      if (allowed) continue;
      yield {
        field,
        problem: `${subject} allows ${JSON.stringify(permission)} on ${cache}, which a token of its kind may not`,
        fix: "Take the permission away, or declare the token with another kind.",
      };
    }
  }
}

/** The kind that the JSON around a token gives it. */
function declaredKind(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { kind?: string }).kind;
  } catch {
    return undefined;
  }
}
