import type { Progress } from "../toolchain/index.ts";

/** Below this nobody needs to know how long it usually takes. */
const LONG_SECONDS = 20;

/** "Building pulumi: compiling, 33 % of about 2 min": the time spent is shown by whoever shows this. */
export function shortProgress(
  progress: Pick<Progress, "step" | "done" | "total" | "expectedSeconds">,
): string {
  const { step, done, total, expectedSeconds = 0 } = progress;
  const share = total === undefined || total === 0 ? "" : `, ${Math.floor((100 * done) / total)} %`;
  const usual = expectedSeconds < LONG_SECONDS ? "" : ` of about ${Math.ceil(expectedSeconds / 60)} min`;
  return `${step}${share}${share && usual}`;
}
