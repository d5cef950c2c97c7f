import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { World } from "../world.ts";
import { GitLabApi, GitLabApiError } from "./index.ts";

/** What a person may say about GitLab. */
export interface GitLabOptions {
  /** The API's URL, as `--api` gives it. @default $CI_API_V4_URL */
  api?: string;
  /** By path or number, as `--project` gives it. @default $CI_PROJECT_ID */
  project?: string;
}

/** `--api` with its description, for commander. */
export const apiOption = [
  "--api <url>",
  "GitLab's API, such as https://gitlab.com/api/v4 (default: $CI_API_V4_URL)",
] as const;

/** `--project` with its description, for commander. */
export const projectOption = [
  "--project <project>",
  "the GitLab project, by path or number (default: $CI_PROJECT_ID)",
] as const;

/**
 * Where GitLab's API is, by the options and the environment.
 * @throws CliError where neither says it, or a credential would be sent there in the clear
 */
export function endpointOf({ env }: Pick<World, "env">, { api }: GitLabOptions = {}): string {
  const endpoint = api || env.CI_API_V4_URL;
  if (!endpoint) {
    // Any default would be handed the token of somebody else's GitLab.
    throw new CliError(
      EXIT.usage,
      "which GitLab? This is no pipeline ($CI_API_V4_URL is not set), and GITLAB_TOKEN goes to no server that nobody named",
      "name its API with --api or in CI_API_V4_URL, such as https://gitlab.com/api/v4",
    );
  }
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const loopback = url && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (!url || url.username || !(url.protocol === "https:" || (url.protocol === "http:" && loopback))) {
    throw new CliError(
      EXIT.usage,
      "the address of GitLab's API is no https URL",
      "it is such as https://gitlab.example.com/api/v4, without a user's name in it",
    );
  }
  return endpoint;
}

/**
 * GitLab's API with the credential of the environment: $GITLAB_TOKEN, else $CI_JOB_TOKEN.
 * @throws CliError without a credential, or an address to send it to
 */
export function connectGitLab(
  world: Pick<World, "env" | "sleep" | "now">,
  options: GitLabOptions = {},
): GitLabApi {
  const { env, sleep, now } = world;
  const endpoint = endpointOf(world, options);
  const own = env.GITLAB_TOKEN;
  const value = own || env.CI_JOB_TOKEN;
  if (!value) {
    throw new CliError(
      EXIT.usage,
      "there is no credential for GitLab",
      "set GITLAB_TOKEN to a token of a maintainer (project) or owner (group) with the scope `api`",
    );
  }
  return new GitLabApi({
    endpoint,
    credential: { header: own ? "PRIVATE-TOKEN" : "JOB-TOKEN", value },
    sleep,
    now,
  });
}

/** A failure of GitLab's in one line: its words begin with the status, mostly. */
export function gitLabWords({ status, message }: GitLabApiError): string {
  const prefix = status === undefined ? "" : `${status} `;
  return message.startsWith(prefix) ? message : prefix + message;
}

/** The project of this pipeline, or the one that `--project` names. */
export function projectOf({ env }: Pick<World, "env">, given?: string): string {
  const project = given || env.CI_PROJECT_ID;
  if (project) return project;
  throw new CliError(
    EXIT.usage,
    "which GitLab project? This is no pipeline ($CI_PROJECT_ID is not set)",
    "name it with --project, by path or number: --project platform/attic",
  );
}

/**
 * Does something at GitLab; its failure is told in GitLab's words.
 * @param what was tried, such as `set DEPLOYMENT_FREEZE of project 7`
 */
export async function atGitLab<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof GitLabApiError)) throw error;
    throw new CliError(EXIT.failed, `could not ${what}: ${gitLabWords(error)}`, hintOf(error));
  }
}

function hintOf({ status }: GitLabApiError): string | undefined {
  if (status === 401) return "GITLAB_TOKEN is wrong, was revoked or has expired; it needs the scope `api`";
  if (status === 403) return "the holder of GITLAB_TOKEN may not do that, or the token lacks the scope `api`";
  if (status === 404) return "GitLab says that, too, of what the holder of GITLAB_TOKEN may not see";
  return undefined;
}
