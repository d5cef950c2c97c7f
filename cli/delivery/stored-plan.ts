import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { seconds } from "../../components/tokens/rotation.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { formatDuration, secondsOf, stamp } from "../time.ts";
import type { World } from "../world.ts";
import type { Source } from "./source.ts";

/** What a preview leaves behind for the deployment of what it showed, as `preview.json` has it. */
export interface StoredPlan {
  format: 1;
  /** The stack's name, as in the name of its file. */
  stack: string;
  /** What it was made from; null outside of Git. */
  commit: string | null;
  /** Tracked files that differed from the commit. */
  changed: string[];
  stackFileDigest: string;
  /** The time that the program was told, ISO 8601: the deployment tells it the same. */
  now: string;
  /** Digest of what the preview showed. */
  digest: string;
  /** How many resources by operation. */
  changes: Record<string, number>;
  /** Whether it asked first what is really there. */
  refresh: boolean;
  /** What policies and rules over plans refuse, one sentence each; with any, nothing is deployed. */
  refused: string[];
}

/** The files of a plan, in a folder of their own. */
export const planFiles = {
  /** The engine's update plan; the secrets in it are encrypted with the stack's key. */
  plan: "plan.json",
  preview: "preview.json",
  review: "review.md",
  deployed: "deploy.json",
} as const;

/** Seconds after which a plan is stale: what it says of time, such as which tokens are due, is then too old. */
const longest = 7 * 86_400;

/** The folder of a stack's plan: the one that was asked for, else `out/plan-<stack>` in the project's. */
export function planFolder(world: Pick<World, "cwd">, stack: OpenedStack, given: string | undefined): string {
  return given === undefined
    ? join(stack.folder, "out", `plan-${shortName(stack)}`)
    : resolve(world.cwd, given);
}

/** The name of a stack without its organisation and project. */
export const shortName = ({ name }: Pick<OpenedStack, "name">) => name.split("/").at(-1) as string;

/** Writes a file of a plan; the folder is made when it is not there. */
export function writePlanFile(folder: string, name: string, content: unknown): void {
  mkdirSync(folder, { recursive: true });
  const text = typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`;
  writeFileSync(join(folder, name), text);
}

/**
 * Reads the plan in a folder.
 * @throws CliError when there is none, or it is not one
 */
export function readPlan(folder: string): StoredPlan {
  const file = join(folder, planFiles.preview);
  const missing = [planFiles.preview, planFiles.plan].filter((name) => !existsSync(join(folder, name)));
  if (missing.includes(planFiles.preview)) {
    throw new CliError(
      EXIT.notFound,
      `there is no plan in ${folder}`,
      "atticctl preview --out FOLDER makes one",
    );
  }
  const plan = parsed(file);
  if (plan?.format !== 1 || typeof plan.digest !== "string") {
    throw new CliError(EXIT.usage, `${file} is no plan of this atticctl`, "preview again");
  }
  if (missing.length > 0 && plan.refused.length === 0) {
    throw new CliError(EXIT.notFound, `there is no ${missing[0]} in ${folder}`, "preview again");
  }
  return plan;
}

function parsed(file: string): StoredPlan | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as StoredPlan;
  } catch {
    return undefined;
  }
}

/** That a plan may not be deployed any more, and why. */
export const noLongerFits = (why: string) =>
  new CliError(
    EXIT.refused,
    `the plan no longer fits: ${why}`,
    "nothing was changed; preview again, and review what that shows",
  );

/**
 * Holds a plan to the source and the time of a deployment.
 * @throws CliError (refused) that says what moved
 */
export function assertFits(plan: StoredPlan, stack: string, source: Source, now: Date): void {
  const age = seconds(now) - secondsOf(plan.now);
  const moved = [
    ...(plan.refused.length > 0 ? [`it was refused: ${plan.refused[0]}`] : []),
    ...(plan.stack === stack ? [] : [`it is of stack ${plan.stack}`]),
    ...(plan.commit === source.commit
      ? []
      : [`it was made from ${commitWords(plan.commit)}, and ${commitWords(source.commit)} is checked out`]),
    ...(plan.stackFileDigest === source.stackFileDigest
      ? []
      : [`Pulumi.${stack}.yaml says something else now`]),
    ...(String(plan.changed) === String(source.changed)
      ? []
      : ["other files differ from the commit than did then"]),
    ...(age > longest
      ? [`it is ${formatDuration(age)} old, and ${formatDuration(longest)} are the most`]
      : []),
    ...(age < -600 ? [`it was made for ${stamp(secondsOf(plan.now))}, which is to come`] : []),
  ];
  if (moved.length > 0) throw noLongerFits(moved.join("; "));
}

/** A commit as people write it. */
export const commitWords = (commit: string | null) =>
  commit === null ? "no commit" : `commit ${commit.slice(0, 12)}`;
