import { type Freeze, freezeOf } from "./freeze.ts";
import type { FreezeVariables } from "./freeze-variables.ts";

/** A project's freeze variables by the environments that they are for; `*` is all of them. */
export type FreezeScopes = ReadonlyMap<string, Partial<FreezeVariables>>;

/** What the jobs of some environments see. */
export interface SeenFreeze {
  scope: string;
  /** Undefined when nothing stops them. */
  freeze: Freeze | undefined;
}

/** What jobs of a scope see: of each variable GitLab gives them the narrowest one. */
export function freezeIn(scopes: FreezeScopes, scope: string, now: Date): Freeze | undefined {
  const rank = (each: string) => (each === "*" ? 0 : each === scope ? 2 : 1);
  const fitting = [...scopes].filter(([each]) => liesIn(scope, each));
  const seen = fitting.toSorted(([a], [b]) => rank(a) - rank(b)).map(([, variables]) => variables);
  return freezeOf(Object.assign({}, ...seen), now);
}

/** What jobs of the narrower scopes see that have variables of their own. */
export const freezesWithin = (scopes: FreezeScopes, scope: string, now: Date): SeenFreeze[] =>
  [...scopes.keys()]
    .filter((each) => each !== scope && liesIn(each, scope))
    .map((each) => ({ scope: each, freeze: freezeIn(scopes, each, now) }));

/** The narrower scopes whose own variables keep a freeze from their jobs, or end it before its time. */
export function shortfalls(scopes: FreezeScopes, scope: string, now: Date): SeenFreeze[] {
  const end = (freeze: Freeze | undefined) => (freeze ? (freeze.until?.getTime() ?? Infinity) : 0);
  const wanted = end(freezeIn(scopes, scope, now));
  return freezesWithin(scopes, scope, now).filter(({ freeze }) => end(freeze) < wanted);
}

/** The narrower scopes whose own freeze has ended by itself. */
export const endedWithin = (scopes: FreezeScopes, scope: string, now: Date): string[] =>
  freezesWithin(scopes, scope, now)
    .map((each) => each.scope)
    .filter((each) => hasEnded(scopes.get(each) ?? {}, now));

/** Whether it is the end alone that lets jobs pass: one that says that nothing is frozen means it. */
function hasEnded(own: Partial<FreezeVariables>, now: Date): boolean {
  const variables = { DEPLOYMENT_FREEZE: "true", ...own };
  return !freezeOf(variables, now) && freezeOf({ ...variables, FREEZE_UNTIL: "" }, now) !== undefined;
}

/** Whether all environments of a scope are of another one, too, in which `*` stands for anything. */
function liesIn(scope: string, other: string): boolean {
  const pattern = other.split("*").map((text) => text.replace(/[^\w]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".*")}$`).test(scope);
}
