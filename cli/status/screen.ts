import type { Screen } from "../../embedded/local/terminal/screen.ts";
import { cut, pad } from "../../embedded/local/terminal/table.ts";
import { secondsOf, stamp } from "../time.ts";
import type { CheckResult } from "./checks/index.ts";
import type { Snapshot } from "./snapshot.ts";
import { labelOf, type Mark, rows } from "./words.ts";
import { wrap } from "./wrap.ts";

type Colours = Screen["colours"];

const signs = { well: "✓", wrong: "✗", unjudged: "–" } as const satisfies Record<Mark, string>;

/** How a mark is painted, whichever screen shows it. */
export function sign(mark: Mark, colours: Colours): string {
  const paint = { well: colours.green, wrong: colours.red, unjudged: colours.dim }[mark];
  return paint(signs[mark]);
}

/**
 * The one screen: what is wrong first in a word, then every part of the stack on a line, then what to do.
 * @param width columns
 */
export function screen(
  snapshot: Snapshot,
  results: readonly CheckResult[],
  colours: Colours,
  width: number,
): string[] {
  const { bold, dim, red, green } = colours;
  const { cluster, namespace, url, stack } = snapshot;
  const wrong = results.filter(({ outcome }) => outcome === "failed");
  const lines = rows(snapshot, results);
  const verdict = headline(wrong.length);
  const where = `${namespace} in ${cluster.server}, context ${cluster.context}, Kubernetes ${cluster.kubernetes}`;
  return [
    `${bold(`stack ${stack}`)}  ${wrong.length > 0 ? red(bold(verdict)) : green(verdict)}`,
    dim(cut(where, width)),
    dim(cut(`${url}  ${stamp(secondsOf(snapshot.time))}`, width)),
    "",
    ...lines.map(({ mark, label, text }) => {
      const line = `${pad(label, 11)}  ${cut(text, width - 15)}`;
      return `${sign(mark, colours)} ${mark === "unjudged" ? dim(line) : line}`;
    }),
    ...(lines.some(({ mark }) => mark === "unjudged")
      ? ["", dim(`${signs.unjudged} is not judged here`)]
      : []),
    ...(wrong.length > 0 ? [""] : []),
    ...wrong.flatMap((result) => problem(result, colours, width)),
  ];
}

/** How many things are wrong, in words. */
export function headline(wrong: number): string {
  if (wrong === 0) return "all is well";
  return wrong === 1 ? "1 thing is not as it should be" : `${wrong} things are not as they should be`;
}

/** What is wrong, what would be right, and what to look at. */
export function problem(
  { id, area, found, expected, see }: CheckResult,
  colours: Colours,
  width: number,
): string[] {
  const [first = "", ...more] = wrap(`✗ ${labelOf(area)}: ${found}`, width, "  ");
  return [
    colours.red(first),
    ...more.map((line) => colours.red(line)),
    ...wrap(`  expected: ${expected}`, width, "    "),
    colours.dim(`  see ${see} (${id})`),
  ];
}
