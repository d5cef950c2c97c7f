import { setTimeout as sleep } from "node:timers/promises";
import { type Cell, differences, target } from "./cells.ts";
import { passed, type Verdict } from "./prober.ts";

/** Somebody who tries what packets get through. */
export interface Source {
  name: string;
  /** What it is to try; each is given its verdict. */
  cells: readonly Cell[];
  /** What it reaches whatever the policies say, as `HOST:PORT`: else its silence would come of having no network. */
  always: readonly string[];
  /** Has it try targets, and gives the verdicts by target. */
  tell(targets: readonly string[]): Promise<Record<string, Verdict>>;
}

/** How often a source tries what did not go as it should: nodes learn of a pod by and by. */
const tries = 6;

/**
 * Has one source try its cells; what should have passed and did not, and what came to an error, again after a pause. What
 * passed and should not, stays so.
 * @param pauseMs milliseconds between two tries
 * @throws Error when it does not reach what it reaches always
 */
export async function tryAll({ name, cells, always, tell }: Source, pauseMs = 1000): Promise<void> {
  let [unreached, left] = [always, cells];
  for (let i = 0; i < tries && unreached.length + left.length > 0; i++) {
    if (i > 0) await sleep(pauseMs);
    const said = await tell([...unreached, ...left.map(target)]);
    for (const cell of left) cell.verdict = said[target(cell)] ?? "not told";
    unreached = unreached.filter((each) => !passed(said[each]));
    left = differences(left).filter(({ verdict }) => !passed(verdict));
  }
  if (unreached.length > 0) {
    throw new Error(
      `${name} does not reach ${unreached.join(", ")}, which no policy can forbid: what else it does not reach says nothing`,
    );
  }
}
