import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Checkout } from "./checkout.ts";
import type { PipelineRun } from "./run.ts";

/**
 * All that the jobs of every pipeline printed and kept. Of a job, gitlab-ci-local has the log and the artifacts of its
 * last run alone, so they are read after each pipeline.
 */
export class Kept {
  readonly #texts = new Set<string>();

  /** What there is after a pipeline. */
  add({ state }: Pick<Checkout, "state">, { output }: Pick<PipelineRun, "output">): void {
    this.#texts.add(output);
    for (const folder of ["output", "artifacts"].map((name) => join(state, name)).filter(existsSync)) {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) this.#texts.add(readFileSync(join(entry.parentPath, entry.name), "utf8"));
      }
    }
  }

  /** Each text once. */
  get texts(): readonly string[] {
    return [...this.#texts];
  }
}
