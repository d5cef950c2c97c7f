import type { GitLabApi, GitLabVariable } from "../gitlab-api/index.ts";
import type { FreezeScopes } from "./freeze-scopes.ts";

/** The variables that tell pipelines of a freeze, as `freezeOf` reads them. */
export interface FreezeVariables {
  DEPLOYMENT_FREEZE: string;
  FREEZE_REASON: string;
  FREEZE_CONTACT: string;
  /** ISO 8601; empty where the freeze has no end. */
  FREEZE_UNTIL: string;
}

/** Which of a project's environments are frozen; `*` is all of them. */
export interface FreezePlace {
  api: GitLabApi;
  /** By path or number. */
  project: string;
  scope: string;
}

const keys = ["FREEZE_UNTIL", "DEPLOYMENT_FREEZE", "FREEZE_REASON", "FREEZE_CONTACT"] as const;

/** What is set now, for all environments or for some. */
export async function readFreezes({
  api,
  project,
}: Pick<FreezePlace, "api" | "project">): Promise<FreezeScopes> {
  const found = new Map<string, Partial<FreezeVariables>>();
  for (const { key, value, environment_scope: scope } of await api.variables.list({ project })) {
    const known = keys.find((each) => each === key);
    // One that nobody may read still freezes.
    if (known) found.set(scope, { ...found.get(scope), [known]: value ?? "(hidden)" });
  }
  return found;
}

/**
 * Sets what is not so yet. The end goes first: one of an earlier freeze would open the gate again. It is written when
 * it is empty, too, as the end of a wider scope would stand in for it.
 * @returns the variables that were changed
 */
export async function writeFreeze(place: FreezePlace, wanted: FreezeVariables): Promise<string[]> {
  const { api, project, scope } = place;
  const changed: string[] = [];
  for (const key of keys) {
    const found = await api.variables.find({ project }, key, scope);
    const variable = variableOf(key, wanted[key], scope);
    const same =
      found &&
      found.value === variable.value &&
      !found.protected &&
      !found.masked &&
      found.raw === variable.raw;
    if (same) continue;
    await (found ? api.variables.update({ project }, variable) : api.variables.create({ project }, variable));
    changed.push(key);
  }
  return changed;
}

/**
 * Removes them, the one that freezes first.
 * @returns the variables that were there
 */
export async function removeFreeze({ api, project, scope }: FreezePlace): Promise<string[]> {
  const removed: string[] = [];
  for (const key of ["DEPLOYMENT_FREEZE", ...keys.filter((each) => each !== "DEPLOYMENT_FREEZE")]) {
    if (!(await api.variables.find({ project }, key, scope))) continue;
    await api.variables.remove({ project }, key, scope);
    removed.push(key);
  }
  return removed;
}

const variableOf = (key: string, value: string, scope: string): GitLabVariable => ({
  key,
  value,
  variable_type: "env_var",
  // Jobs of unprotected branches would not see it, and their gate would be open.
  protected: false,
  masked: false,
  raw: true,
  environment_scope: scope,
  description: "Set by atticctl freeze; atticctl unfreeze removes it",
});
