import { mkdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { Steps } from "../../embedded/local/terminal/steps.ts";
import { git } from "../../review/git.ts";
import { stepsOf } from "../../review/steps.ts";
import type { Call } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { changeLines } from "./changes.ts";
import { makePlan, type Planned } from "./planned.ts";
import { type Source, sourceOf } from "./source.ts";
import { planFiles, planFolder, type StoredPlan, shortName, writePlanFile } from "./stored-plan.ts";

/** What `preview` is told. */
export interface PreviewOptions {
  out?: string;
  base?: string;
  refresh?: boolean;
}

/** `preview`: writes the plan and its review, and says what changes. Exit code 4 when something refuses. */
export async function preview(call: Call<PreviewOptions>): Promise<number> {
  const { world, options, say } = call;
  const stack = await call.open();
  if (options.base !== undefined) assertRevision(stack, options.base);
  const folder = planFolder(world, stack, options.out);
  clear(folder);
  const source = sourceOf(stack.folder, stack.file, world.env);
  const steps = new Steps(say, 2);
  const refresh = options.refresh ?? false;
  const plan = join(folder, planFiles.plan);
  const planned = await makePlan(call, stack, steps, { now: world.now, refresh, plan });
  const stored = storedPlan(stack, source, planned, world.now, refresh);
  await steps.run("review", {}, async () => {
    const { review } = await import("../../review/review.ts");
    const { text } = await review({
      stack: shortName(stack),
      folder: stack.folder,
      events: planned.events,
      now: world.now,
      base: options.base,
      remarks: refresh ? ["Compared with what is really there."] : [],
    });
    writePlanFile(folder, planFiles.review, text);
  });
  // The engine leaves a plan of what its policies refuse, too.
  if (planned.refused.length > 0) rmSync(plan, { force: true });
  writePlanFile(folder, planFiles.preview, stored);
  call.print(stored, () => [
    ...changeLines(stepsOf(planned.events), call.out.colours),
    `written: ${relative(world.cwd, folder) || "."}/{${filesOf(planned).join(",")}}`,
  ]);
  say.print(...planned.warnings.map((warning) => `${say.colours.yellow("warning:")} ${warning}`));
  for (const reason of planned.refused) say.print(`${say.colours.red("refused:")} ${reason}`);
  return planned.refused.length > 0 ? EXIT.refused : EXIT.done;
}

const filesOf = ({ refused }: Planned) => [
  ...(refused.length > 0 ? [] : [planFiles.plan]),
  planFiles.preview,
  planFiles.review,
];

/** A plan of before must not be taken for this one, however this one ends. */
function clear(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of Object.values(planFiles)) rmSync(join(folder, name), { force: true });
}

/** What `preview.json` says of a preview. */
export function storedPlan(
  stack: OpenedStack,
  source: Source,
  { digest, changes, refused }: Planned,
  now: Date,
  refresh: boolean,
): StoredPlan {
  return {
    format: 1,
    stack: shortName(stack),
    ...source,
    now: now.toISOString(),
    digest,
    changes,
    refresh,
    refused,
  };
}

/** @throws CliError (usage) when there is no such revision */
function assertRevision({ folder }: OpenedStack, base: string): void {
  if (git(folder, "rev-parse", "--verify", "--quiet", `${base}^{commit}`) !== undefined) return;
  throw new CliError(EXIT.usage, `Git knows no revision ${base} here`, "fetch it first: git fetch origin");
}
