import { Command } from "commander";
import {
  fresh,
  local,
  previewAgainstEmpty,
  previewAgainstTsNode,
  type Result,
  render,
  unitSuite,
} from "./cases.ts";

// Figures of one run on this machine, each beside its target. Nothing here fails: a figure over its target is
// marked, and a person decides. Nothing else should run meanwhile.

function line({ what, figure, unit, target, detail }: Result): string {
  const value = (of: number) => `${unit === "×" ? of.toFixed(2) : of.toFixed(1)} ${unit}`;
  const mark = figure <= target ? "✓" : "✗";
  return `${mark} ${what.padEnd(50)} ${value(figure).padStart(9)}   target ≤ ${value(target).padEnd(8)} ${detail}`.trimEnd();
}

await new Command("npm run bench --")
  .description("Measures what the project promises, as ratios and seconds of one run.")
  .option("--rounds <n>", "pairs of previews that each ratio is the median of", "5")
  .option("--fresh", "also build everything from empty caches (about ten minutes)")
  .action(async ({ rounds, fresh: fromNothing }: { rounds: string; fresh?: boolean }) => {
    const cases = [
      () => previewAgainstEmpty(Number(rounds)),
      () => previewAgainstTsNode(Number(rounds)),
      local,
      render,
      unitSuite,
      ...(fromNothing ? [fresh] : []),
    ];
    for (const measure of cases) for (const result of [await measure()].flat()) console.log(line(result));
  })
  .parseAsync();
