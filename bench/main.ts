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
import { revocation } from "./revocation.ts";
import { thousandTokens } from "./tokens.ts";

// Figures of one run on this machine, each beside its target. Nothing here fails: a figure over its target is
// marked, and a person decides. Nothing else should run meanwhile.

function line({ what, figure, unit, target, detail }: Result): string {
  const value = (of: number) => `${unit === "×" ? of.toFixed(2) : of.toFixed(1)} ${unit}`;
  const mark = figure <= target ? "✓" : "✗";
  return `${mark} ${what.padEnd(50)} ${value(figure).padStart(9)}   target ≤ ${value(target).padEnd(8)} ${detail}`.trimEnd();
}

interface Options {
  rounds: string;
  requests: string;
  edge?: boolean;
  fresh?: boolean;
}

await new Command("npm run bench --")
  .description("Measures what the project promises, as ratios and seconds of one run.")
  .option("--rounds <n>", "pairs of previews that each ratio is the median of", "5")
  .option("--edge", "also ask a real Traefik, which is built first if need be (about ten minutes)")
  .option("--requests <n>", "requests that each of its figures is the median of", "4000")
  .option("--fresh", "also build everything from empty caches (about ten minutes)")
  .action(async ({ rounds, edge, requests, fresh: fromNothing }: Options) => {
    const cases = [
      () => previewAgainstEmpty(Number(rounds)),
      () => previewAgainstTsNode(Number(rounds)),
      local,
      () => thousandTokens(Number(rounds)),
      render,
      unitSuite,
      ...(edge ? [() => revocation(Number(requests))] : []),
      ...(fromNothing ? [fresh] : []),
    ];
    for (const measure of cases) for (const result of [await measure()].flat()) console.log(line(result));
  })
  .parseAsync();
