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
  /** The other stack that has set the variable, where it was refused for that. */
  setBy?: string;
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

/** How a variable's description begins, before the stack. */
const mark = "Set by atticctl from stack ";

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
    description: `${mark}${stack}: token ${name}, generation ${generationWords(token)}, expires ${token.expires}`,
  };
}

/** How a variable is published. */
export interface PublishOptions {
  /** Only finds out what would be done. */
  dryRun?: boolean;
  /** Sets a variable that another stack has set, too. */
  takeOver?: boolean;
}

type Done = Pick<Outcome, "action" | "changed" | "setBy" | "why">;

/**
 * Brings a variable to what it should be, unless another stack has set it: each would undo what the other does, and a
 * server takes no token of another's.
 * @param stack as Pulumi names it
 * @throws GitLabApiError
 */
export async function publish(
  api: GitLabApi,
  stack: string,
  gitlab: GitLab,
  variable: GitLabVariable,
  options: PublishOptions,
): Promise<Done> {
  const owner: VariableOwner =
    gitlab.project === undefined ? { group: gitlab.group as string } : { project: gitlab.project };
  const find = () => api.variables.find(owner, variable.key, variable.environment_scope);
  const change = async (found: GitLabVariable): Promise<Done> => {
    const other = otherStack(stack, found);
    if (other && !options.takeOver) {
      return { action: "refused", setBy: other, why: `stack ${other} has set it` };
    }
    const changed = differences(found, variable);
    if (changed.length === 0) return { action: "none" };
    if (!options.dryRun) checkAnswer(variable, await api.variables.update(owner, variable));
    return { action: "update", changed };
  };
  const found = await find();
  if (found) return change(found);
  if (options.dryRun) return { action: "create" };
  let made: GitLabVariable;
  try {
    made = await api.variables.create(owner, variable);
  } catch (error) {
    // One may have come to be since it was looked for, such as by a request that was sent twice.
    const taken = error instanceof GitLabApiError && /already been taken/.test(error.message);
    const since = taken ? await find() : undefined;
    if (!since) throw error;
    return change(since);
  }
  checkAnswer(variable, made);
  return { action: "create" };
}

/** The stack that has set a variable, by its description; undefined when that is this one, or none. */
function otherStack(stack: string, { description }: GitLabVariable): string | undefined {
  if (!description?.startsWith(mark)) return undefined;
  const other = description.slice(mark.length).split(":")[0] as string;
  // With its organisation and project or without, it is the same stack.
  const short = (name: string) => name.split("/").at(-1);
  return short(other) === short(stack) ? undefined : other;
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
