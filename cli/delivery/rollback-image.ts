import { basename, relative } from "node:path";
import { parseStackFile } from "../../config/stack-file.ts";
import { git } from "../../review/git.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { atGitLab, connectGitLab, type GitLabOptions, projectOf } from "../gitlab-api/connect.ts";
import type { OpenedStack } from "../stack.ts";
import type { World } from "../world.ts";

/** An image to go back to. */
export interface Target {
  image: string;
  /** Where it was found, for people: `commit 0123456789ab`. */
  found: string;
  /** When that commit was made; undefined for an image that was named. */
  committed?: Date;
}

/**
 * The image that a rollback is told to go back to: by itself, or as the stack's file at a commit, or at the commit of a
 * pipeline, says it.
 * @throws CliError when there is no such pipeline or commit, or it has no such stack
 */
export async function targetOf(
  world: World,
  stack: OpenedStack,
  { image, to, ...gitLab }: { image?: string; to?: string } & GitLabOptions,
): Promise<Target> {
  if ((image === undefined) === (to === undefined)) {
    throw new CliError(
      EXIT.usage,
      "give --image or --to, and not both",
      "--image IMAGE, --to PIPELINE or --to COMMIT",
    );
  }
  if (image !== undefined) return { image: image.trim(), found: "--image" };
  const given = (to as string).trim();
  const pipeline = /^#?(\d{1,15})$/.exec(given)?.[1];
  const hasGitLab = Boolean(gitLab.project || world.env.CI_PROJECT_ID);
  return pipeline && (hasGitLab || revision(stack.folder, given) === undefined)
    ? atPipeline(world, stack, Number(pipeline), gitLab)
    : atCommit(stack, given, `commit ${given}`);
}

async function atPipeline(
  world: World,
  stack: OpenedStack,
  id: number,
  gitLab: GitLabOptions,
): Promise<Target> {
  const project = projectOf(world, gitLab.project);
  const { repository } = connectGitLab(world, gitLab);
  const pipeline = await atGitLab(`find pipeline ${id}`, () => repository.pipeline(project, id));
  if (!pipeline) {
    // Ten digits or fewer may be a commit as well.
    if (revision(stack.folder, String(id)) !== undefined) return atCommit(stack, String(id), `commit ${id}`);
    throw new CliError(
      EXIT.notFound,
      `project ${project} has no pipeline ${id}`,
      "its number is in its address",
    );
  }
  return atCommit(stack, pipeline.sha, `pipeline ${id}, commit ${pipeline.sha.slice(0, 12)}`);
}

function atCommit({ folder, file }: OpenedStack, given: string, found: string): Target {
  const commit = revision(folder, given);
  if (commit === undefined) {
    throw new CliError(
      EXIT.notFound,
      `Git knows no ${found} here`,
      "fetch it first: git fetch --unshallow origin, or in a pipeline GIT_DEPTH: 0",
    );
  }
  const name = relative(folder, file);
  const text = git(folder, "show", `${commit}:./${name}`);
  const image = text === undefined ? undefined : parseStackFile(text).values["attic:image"];
  if (!image) {
    throw new CliError(
      EXIT.notFound,
      `${basename(file)} at ${found} names no image`,
      "name it: --image IMAGE",
    );
  }
  const committed = git(folder, "show", "--no-patch", "--format=%cI", commit)?.trim();
  return { image, found, ...(committed && { committed: new Date(committed) }) };
}

/** A commit's whole name. */
function revision(folder: string, given: string): string | undefined {
  if (!/^[\w][\w./@^~-]*$/.test(given)) return undefined;
  return git(folder, "rev-parse", "--verify", "--quiet", `${given}^{commit}`)?.trim();
}
