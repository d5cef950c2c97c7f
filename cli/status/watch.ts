import { iso } from "../../components/tokens/rotation.ts";
import type { Call } from "../cli.ts";
import { ClusterError } from "../cluster/index.ts";

/**
 * Looks again and again and paints over what was painted before, until Ctrl-C ends the process, which then exits with
 * 130 as every interrupted program. A cluster that does not answer for a while is told beneath the last picture: that
 * is when somebody watches.
 * @param interval seconds between two looks
 * @param lines looks and lays out
 */
export async function watch(
  { world, out }: Pick<Call, "world" | "out">,
  interval: number,
  lines: () => Promise<string[]>,
): Promise<never> {
  let last: string[] = [];
  for (;;) {
    let note = `every ${interval} s; Ctrl-C ends`;
    try {
      last = await lines();
    } catch (error) {
      if (!(error instanceof ClusterError) || last.length === 0) throw error;
      note = `${error.message}; above is what was seen before`;
    }
    const time = iso((world.now.getTime() + world.elapsed()) / 1000).slice(11, 19);
    out.paint(fitted([...last, "", out.colours.dim(`${time} UTC, ${note}`)], out.height));
    await world.sleep(interval * 1000);
  }
}

/** As many lines as the terminal has: what has scrolled away cannot be painted over. */
function fitted(lines: string[], height: number): string[] {
  const room = height - 1;
  return lines.length <= room ? lines : [...lines.slice(0, room - 1), "… (the terminal is too low)"];
}
