import { covers, isPattern } from "../../config/cache-names.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Deployed } from "../deployed.ts";

/** One request to the ingress. */
export interface Question {
  cache: string;
  /** The declared token that is sent. */
  token?: string;
}

/** What is asked of the ingress; a question that the stack gives no occasion for is left out. */
export interface Questions {
  /** A declared cache, with a token that may pull from it or, if it is public, without one. */
  reading?: Question;
  /** A private cache, for those whom it must refuse. */
  private?: string;
  /** Every current token. */
  tokens: Required<Question>[];
}

type Tokens = Deployed["tokens"];

/** What to ask about a stack, by what it declares and the tokens that were deployed. */
export function questions({ caches }: Pick<StackConfig, "caches">, tokens: Tokens): Questions {
  const names = Object.keys(caches);
  const hidden = names.filter((name) => !caches[name]?.public);
  const reading = readingOf(hidden, tokens) ?? publicOf(names, hidden);
  const [closed] = hidden;
  return {
    ...(reading && { reading }),
    ...(closed && { private: closed }),
    tokens: Object.keys(tokens).map((token) => ({ token, cache: cacheOf(tokens, token, names, hidden) })),
  };
}

/** A private cache shows that the token counts. Root tokens are for people, so another one is taken first. */
function readingOf(hidden: readonly string[], tokens: Tokens): Question | undefined {
  const byUse = Object.entries(tokens).toSorted(
    ([, a], [, b]) => Number(a.kind === "root") - Number(b.kind === "root"),
  );
  for (const [token, { caches }] of byUse) {
    const cache = hidden.find((name) => permissionsOn(caches, name).includes("pull"));
    if (cache) return { cache, token };
  }
  return undefined;
}

function publicOf(names: readonly string[], hidden: readonly string[]): Question | undefined {
  const cache = names.find((name) => !hidden.includes(name));
  return cache ? { cache } : undefined;
}

/** As the server decides: the exact name's, else the first pattern's that fits. */
function permissionsOn(caches: Tokens[string]["caches"], name: string): readonly string[] {
  const pattern = Object.keys(caches).find((each) => isPattern(each) && covers(each, name));
  return caches[name] ?? caches[pattern ?? ""] ?? [];
}

/**
 * A cache that a token names: best a private one, since whoever is refused at a public one is served as anybody. One
 * that does not exist will do, too: to a token that means it the server says 404, and 401 to any other.
 */
function cacheOf(tokens: Tokens, token: string, names: readonly string[], hidden: readonly string[]): string {
  const named = Object.keys(tokens[token]?.caches ?? {});
  const declared = (among: readonly string[]) =>
    among.find((name) => named.some((each) => covers(each, name)));
  const meant = named.map((each) => (isPattern(each) ? each.replaceAll("*", "x") : each));
  return declared(hidden) ?? meant.find((name) => !names.includes(name)) ?? declared(names) ?? "x";
}
