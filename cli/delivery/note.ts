import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { Command } from "commander";
import type { Call, Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { apiOption, atGitLab, connectGitLab, projectOf } from "../gitlab-api/connect.ts";
import { type GitLabApi, GitLabApiError, type MergeRequestAddress } from "../gitlab-api/index.ts";
import { markerOf, noteBody } from "./note-body.ts";

interface Options {
  file: string;
  mergeRequest?: number;
  key?: string;
  project?: string;
  api?: string;
}

/** What became of a note. */
type Outcome = "created" | "updated" | "unchanged";

/** Adds `note`. */
export function addNote(parent: Command, cli: Cli): void {
  parent
    .command("note")
    .description(
      "write a page, such as a review, as the one note of a stack on the merge request; the next one replaces it",
    )
    .requiredOption("--file <path>", "the page, in Markdown")
    .option("--merge-request <number>", "the merge request (default: $CI_MERGE_REQUEST_IID)", wholeNumber)
    .option("--key <key>", "tells the note from others by the same token (default: the stack's name)")
    .option(
      "--project <project>",
      "by path or number (default: the project of this pipeline's merge request)",
    )
    .option(...apiOption)
    .addHelpText(
      "after",
      `
In a pipeline of no merge request it does nothing and ends with 0. The credential is $GITLAB_TOKEN, with the scope
\`api\`. Quick actions and @mentions in the page are shown and do nothing.`,
    )
    .action(cli.action<Options>(note));
}

async function note({ world, options, say, print }: Call<Options>): Promise<number> {
  const iid = options.mergeRequest ?? (Number(world.env.CI_MERGE_REQUEST_IID) || undefined);
  if (iid === undefined) {
    const why = "this is no pipeline of a merge request, and none was named: no note is written";
    print({ action: "none", why }, () => [why]);
    return EXIT.done;
  }
  const key = keyOf(world, options);
  const project = projectOf(world, options.project || world.env.CI_MERGE_REQUEST_PROJECT_ID);
  if (!world.env.GITLAB_TOKEN) {
    throw new CliError(
      EXIT.usage,
      "there is no credential that may write notes: a job's own token may not",
      "set GITLAB_TOKEN to a project access token with the role Reporter or higher and the scope `api`",
    );
  }
  const path = resolve(world.cwd, options.file);
  const body = noteBody(key, read(path), whole(world, path));
  if (body.includes("\n> **Shortened:**"))
    say.print(say.colours.yellow("the page is too long for a note: it is shortened"));
  const api = connectGitLab(world, options);
  const action = await atGitLab(`write the note on !${iid} of project ${project}`, () =>
    settle(api, { project, iid }, key, body),
  );
  print({ action, project, mergeRequest: iid, key }, () => [
    `note ${key} on !${iid} of project ${project}: ${action}`,
  ]);
  return EXIT.done;
}

/** Looks again when it is unknown whether a note was written. */
async function settle(
  api: GitLabApi,
  address: MergeRequestAddress,
  key: string,
  body: string,
): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write(api, address, key, body);
    } catch (error) {
      const unknown = error instanceof GitLabApiError && (error.status === undefined || error.status >= 500);
      if (!unknown || attempt === 3) throw error;
    }
  }
}

async function write(
  api: GitLabApi,
  address: MergeRequestAddress,
  key: string,
  body: string,
): Promise<Outcome> {
  const [self, notes] = [await api.self(), await api.mergeRequests.notes(address)];
  // Anybody may write the marker; a maintainer's token could even edit what they wrote.
  const mine = notes.find(
    (each) =>
      !each.system && each.author.id === self.id && each.body.split("\n")[0]?.trim() === markerOf(key),
  );
  if (!mine) {
    await api.mergeRequests.createNote(address, body);
    return "created";
  }
  if (mine.body.trimEnd() === body.trimEnd()) return "unchanged";
  await api.mergeRequests.updateNote(address, mine.id, body);
  return "updated";
}

function keyOf({ env }: Call["world"], { key, stack }: Call<Options>["options"]): string {
  // The stack's file is not opened: a page that says what is wrong in it must get through.
  const found = key ?? (stack || env.PULUMI_STACK || "").split("/").at(-1);
  if (!found) {
    throw new CliError(
      EXIT.usage,
      "whose note is it?",
      "name the stack with --stack, or give the note a --key",
    );
  }
  if (!/^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/.test(found)) {
    throw new CliError(
      EXIT.usage,
      `${JSON.stringify(found)} is no key of a note`,
      "a key is letters and digits, with single dots, dashes or underscores between them",
    );
  }
  return found;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CliError(EXIT.notFound, `could not read the page: ${(error as Error).message}`);
  }
}

/** Where the whole page is, for a note that is shortened. */
function whole({ env }: Call["world"], path: string): string {
  const { CI_JOB_URL, CI_PROJECT_DIR } = env;
  const inProject = CI_PROJECT_DIR ? relative(CI_PROJECT_DIR, path) : "";
  if (!CI_JOB_URL || !inProject || inProject.startsWith("..")) return "The whole page is where it was made.";
  const address = `${CI_JOB_URL}/artifacts/file/${inProject.split("/").map(encodeURIComponent).join("/")}`;
  return `[The whole page](${address}) is among the job's artifacts.`;
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new CliError(
    EXIT.usage,
    `${JSON.stringify(text)} is no merge request`,
    "it is a number, such as 12 for !12",
  );
}
