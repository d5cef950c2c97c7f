import type { Override } from "./freeze.ts";
import type { Source } from "./source.ts";

/** What the message of an update is made of. */
export interface MessageParts {
  /** What is done: `deploy`, `rollback to …`. */
  what: string;
  source: Source;
  env: NodeJS.ProcessEnv;
  /** In the person's words. */
  text?: string;
  override?: Override;
}

/** What an update is told of in the stack's history, on one line: what, from which commit, by whom, and why. */
export function updateMessage({ what, source, env, text, override }: MessageParts): string {
  const { commit, changed } = source;
  const from = commit === null ? "from no commit" : `from ${commit.slice(0, 12)}`;
  const ref = env.CI_COMMIT_TAG || env.CI_COMMIT_REF_NAME;
  const who = env.GITLAB_USER_LOGIN;
  return [
    `${what} ${from}${ref ? ` (${ref})` : ""}${changed.length > 0 ? `, ${changed.length} files changed since` : ""}`,
    ...(text?.trim() ? [text.trim()] : []),
    ...(env.CI_PIPELINE_URL ? [`pipeline ${env.CI_PIPELINE_URL}${who ? ` by ${who}` : ""}`] : []),
    ...(override ? [override.record] : []),
  ]
    .join("; ")
    .replace(/\s+/g, " ");
}
