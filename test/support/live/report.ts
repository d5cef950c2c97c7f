import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { PROJECT_DIR } from "../../../embedded/local/paths.ts";
import type { Figure, LiveRecording } from "../../../pictures/live/recording.ts";

export type { Figure };

const file = join(PROJECT_DIR, "out/live/report.json");

/** Begins a report anew: the stack that its figures are of is another one. */
export function beginReport(attic: string): void {
  rmSync(file, { force: true });
  write({ ...read(), attic });
}

/**
 * Adds figures to the report of a run, below the scenario that they come from; those that it had from before are
 * replaced. It is a file of JSON, `out/live/report.json`; `node pictures/live/keep.ts` keeps it for docs/live.md.
 */
export function record(scenario: string, ...figures: Figure[]): void {
  const report = read();
  const others = (report.figures[scenario] ?? []).filter(
    ({ what }) => !figures.some((each) => each.what === what),
  );
  report.figures[scenario] = [...others, ...figures.map((each) => ({ ...each, value: rounded(each.value) }))];
  write(report);
  for (const { what, value, unit } of figures) console.log(`${scenario}: ${what}: ${rounded(value)} ${unit}`);
}

const read = (): LiveRecording =>
  existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as LiveRecording)
    : {
        recorded: "",
        machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}`,
        attic: "not told",
        figures: {},
      };

function write(report: LiveRecording): void {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...report, recorded: new Date().toISOString() }, null, 2)}\n`);
}

/** To three digits: more than a second run would confirm. */
const rounded = (value: number) => Number(value.toPrecision(3));
