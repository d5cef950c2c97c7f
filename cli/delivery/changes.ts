import { table } from "../../embedded/local/terminal/table.ts";
import { dangers } from "../../review/dangers.ts";
import { type Change, kindOf, type Step } from "../../review/steps.ts";
import type { Call } from "../cli.ts";

const words: Readonly<Record<Exclude<Change, "keep">, string>> = {
  delete: "deleted",
  replace: "replaced",
  change: "changed",
  add: "added",
};

/** Resources of one kind of change that are listed one by one; more are counted by their component. */
const listed = 15;

/** Properties that are named of a resource. */
const named = 4;

/** Whether a plan changes nothing. */
export const changesNothing = (steps: readonly Step[]) => steps.every(({ change }) => change === "keep");

/** What an update does, for a terminal: what is deleted or replaced first, with what is lost by it. */
export function changeLines(
  steps: readonly Step[],
  { red, yellow, dim, bold }: Call["out"]["colours"],
): string[] {
  const of = (change: Change) => steps.filter((step) => step.change === change);
  const changed = (Object.keys(words) as (keyof typeof words)[]).filter((change) => of(change).length > 0);
  const kept = of("keep").length;
  if (changed.length === 0) return [`nothing changes; all ${kept} objects stay as they are`];
  const lossy = dangers(steps).map(({ step, loss }) => [
    (step.change === "delete" ? red : yellow)(words[step.change as keyof typeof words]),
    `${kindOf(step)} ${step.name}`,
    loss ? `loses ${loss}` : dim(differs(step)),
  ]);
  const rest = (["change", "add"] as const).flatMap((change) => rows(words[change], of(change), dim));
  const counts = changed.map((change) => `${of(change).length} ${words[change]}`).join(", ");
  return [...table([...lossy, ...rest], 0), bold(`${counts}${kept > 0 ? `, ${kept} stay` : ""}`)];
}

function rows(word: string, steps: readonly Step[], dim: (text: string) => string): string[][] {
  if (steps.length <= listed) {
    return steps.map((step) => [word, `${kindOf(step)} ${step.name}`, dim(differs(step))]);
  }
  const components = Map.groupBy(steps, ({ component }) => component || "the stack");
  return [...components].map(([component, those]) => [word, `${those.length} of ${component}`, ""]);
}

/** Which properties differ; those that force a replacement alone, where there are some. */
function differs({ differs, forces, change }: Step): string {
  const paths = change === "replace" && forces.length > 0 ? forces : differs;
  const more = paths.length - named;
  return [...paths.slice(0, named), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}
