import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Result } from "./cases.ts";
import { inTurn, median, medianDifference, seconds } from "./measure.ts";

/**
 * What declaring a thousand tokens adds to a preview of the whole stack, and whether twice as many add twice as much.
 * The signing key is there already, as in every preview but the first, so all of them are minted.
 */
export async function thousandTokens(rounds: number): Promise<Result[]> {
  const directory = mkdtempSync(join(tmpdir(), "attic-bench-tokens-"));
  const worker = (...args: string[]) =>
    seconds(process.execPath, [join(import.meta.dirname, "preview-worker.ts"), ...args]);
  const preview = (tokens: number) => () => worker("stripped", directory, String(tokens));
  try {
    await worker("key", directory);
    const { none, half, all, some } = await inTurn(rounds, {
      none: preview(0),
      some: preview(250),
      half: preview(500),
      all: preview(1000),
    });
    const medians = [none, some, half, all].map((figures) => median(figures).toFixed(2));
    return [
      {
        what: "1,000 tokens added to a preview",
        figure: medianDifference(all, none),
        unit: "s",
        target: 3,
        detail: `${medians.join(", ")} s with 0, 250, 500, 1,000`,
      },
      {
        what: "a token beyond the first 500 / one of them",
        figure: medianDifference(all, half) / medianDifference(half, none),
        unit: "×",
        target: 1.3,
        detail: "",
      },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
