import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_DIR } from "../../../embedded/local/paths.ts";

const file = join(PROJECT_DIR, "out/live/report.json");

/** A figure that a scenario measured. */
export interface Figure {
  /** Of what, in words that a person understands without the test. */
  what: string;
  value: number;
  unit: "s" | "ms" | "requests" | "requests/s" | "rows" | "MiB" | "ratio" | "replicas" | "pairs" | "times";
}

/**
 * Adds figures to the report of a run, below the scenario that they come from; those that it had from before are
 * replaced. It is a file of JSON, `out/live/report.json`, from which docs/live.md is written.
 */
export function record(scenario: string, ...figures: Figure[]): void {
  mkdirSync(join(file, ".."), { recursive: true });
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Figure[]>) : {};
  const others = (report[scenario] ?? []).filter(({ what }) => !figures.some((each) => each.what === what));
  report[scenario] = [...others, ...figures.map((each) => ({ ...each, value: rounded(each.value) }))];
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  for (const { what, value, unit } of figures) console.log(`${scenario}: ${what}: ${rounded(value)} ${unit}`);
}

/** To three digits: more than a second run would confirm. */
const rounded = (value: number) => Number(value.toPrecision(3));
