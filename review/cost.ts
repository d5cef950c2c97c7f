import { loadStackConfig } from "../config/load.ts";
import { parseStackFile, readStackFile } from "../config/stack-file.ts";
import { type Estimate, estimate } from "../cost/estimate.ts";
import { type Prices, readPrices } from "../cost/prices.ts";
import { git } from "./git.ts";
import type { ReviewRequest } from "./review.ts";
import { UsageError } from "./usage-error.ts";

/** A month's cost, and what it was before. */
export interface Cost {
  currency: string;
  /** The day that the prices were taken. */
  asOf: string;
  after: Estimate;
  /** By the configuration that is compared with; undefined where none was asked for, or none can be told. */
  before?: Estimate;
  /** Why none can be told, as a sentence. */
  incomparable?: string;
}

/**
 * A month's cost of a stack by its file, and by the same file of another revision.
 * @throws ConfigError with every mistake in the stack's file; those of the other revision are only told
 * @throws UsageError when Git knows no such revision
 */
export function cost({ stack, folder, base }: Pick<ReviewRequest, "stack" | "folder" | "base">): Cost {
  const file = `Pulumi.${stack}.yaml`;
  const prices = readPrices();
  const { currency, asOf } = prices;
  const after = estimate(loadStackConfig(readStackFile(folder, stack), file), prices);
  return { currency, asOf, after, ...(base !== undefined && earlier(folder, file, base, prices)) };
}

function earlier(
  folder: string,
  file: string,
  base: string,
  prices: Prices,
): Pick<Cost, "before" | "incomparable"> {
  if (git(folder, "rev-parse", "--verify", "--quiet", `${base}^{commit}`) === undefined) {
    throw new UsageError(`Git knows no revision ${base} here; fetch it first: git fetch origin`);
  }
  const text = git(folder, "show", `${base}:./${file}`);
  if (text === undefined) return { incomparable: `There is no ${file} in ${base} to compare it with.` };
  try {
    return { before: estimate(loadStackConfig(parseStackFile(text), `${file} in ${base}`), prices) };
  } catch {
    // Of another version of the program, or wrong: this change may be what mends it.
    return {
      incomparable: `It cannot be compared: ${file} in ${base} does not fit the settings of this version.`,
    };
  }
}
