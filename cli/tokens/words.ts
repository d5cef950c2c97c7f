import type { Grants } from "../../components/tokens/claims.ts";
import { narrowestFirst } from "../../config/cache-names.ts";
import { type Permission, permissions } from "../../config/schema/tokens.ts";

/** Permissions in words: `pull, push`, or `everything`. */
export const permissionWords = (given: readonly Permission[]) =>
  permissions.every((each) => given.includes(each)) ? "everything" : given.join(", ") || "nothing";

/** What a token allows on one line: `main: pull, push; dev-*: pull`. */
export function grantWords(grants: Grants): string {
  return narrowestFirst(Object.keys(grants))
    .map((name) => `${name}: ${permissionWords(grants[name] ?? [])}`)
    .join("; ");
}

/** Which generation, and which issue of it when it is not the first: `3`, `3.1`. */
export const generationWords = ({ generation, issue }: { generation: number; issue: number }) =>
  issue === 0 ? `${generation}` : `${generation}.${issue}`;

/** A token's name with its generation, as `revoke` takes it: `gitlab-main@3.1`. */
export const tokenWords = (token: { name: string; generation: number; issue: number }) =>
  `${token.name}@${generationWords(token)}`;
