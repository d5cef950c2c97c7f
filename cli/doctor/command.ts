import type { Command } from "commander";
import type { Screen } from "../../embedded/local/terminal/screen.ts";
import { pad } from "../../embedded/local/terminal/table.ts";
import type { Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import type { Diagnosis } from "./diagnose.ts";
import type { Finding, State } from "./finding.ts";

/** Adds `doctor`. */
export function addDoctor(parent: Command, cli: Cli): void {
  parent
    .command("doctor")
    .description(
      "look at all that the stack needs: file, tools, cluster, permissions, buckets, DNS, clocks, GitLab",
    )
    .addHelpText(
      "after",
      "\nIt changes nothing, but for a probe in each bucket that it deletes again. Exit code 4 when something is wrong.",
    )
    .action(
      cli.action(async ({ world, options, out, say, print }) => {
        const [{ diagnose, isWrong }, { realOutside }] = await Promise.all([
          import("./diagnose.ts"),
          import("./outside.ts"),
        ]);
        const diagnosis = await diagnose(world, options, realOutside, (what) =>
          say.paint([`looking at ${what} …`]),
        );
        say.paint([]);
        print(diagnosis, () => lines(diagnosis, out));
        return isWrong(diagnosis) ? EXIT.refused : EXIT.done;
      }),
    );
}

const words: Record<State, string> = { ok: "ok", failed: "failed", unseen: "not seen" };

/** The sum, and above it every finding: wrapped, with what to do below it. */
export function lines(
  { findings }: Diagnosis,
  { colours, width }: Pick<Screen, "colours" | "width">,
): string[] {
  const paint = { ok: colours.green, failed: colours.red, unseen: colours.yellow };
  const count = (state: State) => findings.filter((each) => each.state === state).length;
  const sum = (["ok", "failed", "unseen"] as const).filter((state) => count(state) > 0);
  const block = (text: string, bullet = "") => {
    const [first = "", ...more] = wrap(text, Math.min(width, 100) - indent.length - bullet.length);
    return [indent + bullet + first, ...more.map((line) => indent + " ".repeat(bullet.length) + line)];
  };
  return [
    ...findings.flatMap(({ state, check, said, details = [], todo }: Finding) => {
      const [first = "", ...more] = block(`${check}: ${said}`);
      return [
        paint[state](pad(words[state], indent.length)) + first.slice(indent.length),
        ...more,
        ...details.flatMap((detail) => block(detail, "- ")),
        ...(todo ? block(todo, "→ ") : []),
      ];
    }),
    "",
    sum.map((state) => `${count(state)} ${words[state]}`).join(", "),
  ];
}

const indent = " ".repeat(10);

/** Breaks a text between words; one that is too long by itself stays whole, so that it can be copied. */
function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) as string;
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
