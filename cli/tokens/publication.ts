import type { PublishedToken } from "../../components/tokens/published.ts";
import { seconds } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import { kinds } from "../../config/schema/tokens.ts";
import {
  type GitLabApi,
  GitLabApiError,
  type GitLabVariable,
  type VariableOwner,
} from "../gitlab-api/index.ts";
import { formatDuration, secondsOf, stampFromNow } from "../time.ts";
import { isRevoked } from "./revoked.ts";
import { generationWords } from "./words.ts";

type GitLab = NonNullable<StackConfig["tokens"]["ci"][string]["gitlab"]>;

/** A token that is to stand in a GitLab variable. */
export interface Publication {
  token: string;
  gitlab: GitLab;
}

/** What became of it. */
export interface Outcome {
  token: string;
  /** Such as `group platform`. */
  owner: string;
  variable: string;
  environmentScope: string;
  /** What was done or, in a dry run, would be; `refused` is a check of ours, `failed` is GitLab's. */
  action: "create" | "update" | "none" | "refused" | "failed";
  /** Which properties an update changes. */
  changed?: string[];
  /** Why it was refused or failed. */
  why?: string;
}

/** The tokens that are declared to stand in a GitLab variable, in the order of the file. */
export function publications({ tokens }: StackConfig): Publication[] {
  return (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) =>
    Object.entries(tokens[kind]).flatMap(([token, { gitlab }]) => (gitlab ? [{ token, gitlab }] : [])),
  );
}

/** Whose variable it is, in words. */
export const ownerWords = ({ project, group }: GitLab) =>
  project === undefined ? `group ${group}` : `project ${project}`;

/**
 * Why a deployed token must not be handed out; undefined when it may.
 * @param margin how many seconds it has to be valid still
 */
export function objection(
  config: StackConfig,
  token: PublishedToken | undefined,
  now: Date,
  margin: number,
): string | undefined {
  if (!token) return "it is not minted yet";
  const expires = secondsOf(token.expires);
  const left = expires - seconds(now);
  if (left <= 0) return `it expired at ${stampFromNow(expires, seconds(now))}`;
  if (left <= margin)
    return `it expires ${stampFromNow(expires, seconds(now))}, within ${formatDuration(margin)}`;
  if (isRevoked(config, token.secret, now)) {
    return "it is revoked, and the one that takes its place is not minted yet";
  }
  return unmaskable(token.secret);
}

/** Why GitLab would not mask a value in job logs, and refuses it: its own rules for masked variables. */
export function unmaskable(value: string): string | undefined {
  if (value.length < 8) return "GitLab masks values of 8 characters and more";
  if (value.length > 10_000) return "GitLab takes values of 10000 characters at most";
  // Stricter than GitLab is with raw variables, and met by every token.
  if (!/^[A-Za-z0-9_+=/@:.~-]+$/.test(value)) return "GitLab masks no value with these characters";
  return undefined;
}

/** The variable as it should be. */
export function wanted(
  stack: string,
  { token: name, gitlab }: Publication,
  token: PublishedToken,
): GitLabVariable & { value: string } {
  return {
    key: gitlab.variable,
    value: token.secret,
    variable_type: "env_var",
    protected: gitlab.protected,
    masked: true,
    raw: true,
    environment_scope: gitlab.environmentScope,
    description: `Set by atticctl from stack ${stack}: token ${name}, generation ${generationWords(token)}, expires ${token.expires}`,
  };
}

/**
 * Brings a variable to what it should be; with `dryRun`, only finds out what that would take.
 * @throws GitLabApiError
 */
export async function publish(
  api: GitLabApi,
  gitlab: GitLab,
  variable: GitLabVariable,
  dryRun: boolean,
): Promise<Pick<Outcome, "action" | "changed">> {
  const owner: VariableOwner =
    gitlab.project === undefined ? { group: gitlab.group as string } : { project: gitlab.project };
  const found = await api.variables.find(owner, variable.key, variable.environment_scope);
  const changed = found && differences(found, variable);
  if (changed?.length === 0) return { action: "none" };
  if (!dryRun)
    checkAnswer(variable, await (found ? api.variables.update(owner, variable) : make(api, owner, variable)));
  return found ? { action: "update", changed } : { action: "create" };
}

/** Makes a variable, or changes one that came to be since it was looked for, such as by a request that was sent twice. */
async function make(api: GitLabApi, owner: VariableOwner, variable: GitLabVariable): Promise<GitLabVariable> {
  try {
    return await api.variables.create(owner, variable);
  } catch (error) {
    if (!(error instanceof GitLabApiError && /already been taken/.test(error.message))) throw error;
    return api.variables.update(owner, variable);
  }
}

function differences(found: GitLabVariable, wanted: GitLabVariable): string[] {
  return (Object.keys(wanted) as (keyof GitLabVariable)[]).filter((name) => found[name] !== wanted[name]);
}

/** GitLab drops what its version or licence does not know, without a word. */
function checkAnswer(wanted: GitLabVariable, answer: GitLabVariable): void {
  const guards = ["environment_scope", "masked", "protected"] as const;
  const ignored = guards.filter((name) => answer[name] !== wanted[name]);
  if (ignored.length === 0) return;
  const [said, got] = [wanted, answer].map((one) => ignored.map((name) => `${name} ${one[name]}`).join(", "));
  throw new GitLabApiError(
    undefined,
    `the variable is set, and GitLab made it ${got} instead of ${said}: change or remove it there`,
  );
}
