import { secondsOf, stamp } from "../time.ts";
import type { CheckResult } from "./checks/index.ts";
import { headline } from "./screen.ts";
import type { Snapshot } from "./snapshot.ts";
import { labelOf, rows } from "./words.ts";

const signs = { well: "✅", wrong: "❌", unjudged: "➖" } as const;

/** The same as the screen, for a merge request or a chat. */
export function markdown(snapshot: Snapshot, results: readonly CheckResult[]): string[] {
  const { stack, namespace, cluster, url, time } = snapshot;
  const wrong = results.filter(({ outcome }) => outcome === "failed");
  return [
    `### Stack ${escaped(stack)}: ${headline(wrong.length)}`,
    "",
    `Namespace \`${namespace}\`, context \`${cluster.context}\`, Kubernetes ${cluster.kubernetes}; <${url}>; ${stamp(secondsOf(time))}`,
    "",
    "| | part | |",
    "|---|---|---|",
    ...rows(snapshot, results).map(
      ({ mark, label, text }) => `| ${signs[mark]} | ${label} | ${escaped(text)} |`,
    ),
    ...(wrong.length > 0 ? [""] : []),
    ...wrong.map(
      ({ id, area, found, expected, see }) =>
        `- **${labelOf(area)}** (\`${id}\`): ${escaped(found)}. Expected: ${escaped(expected)}. See \`${see}\`.`,
    ),
  ];
}

/** Text that comes from the cluster, as text: in a table's cell, and without what Markdown would make of it. */
export const escaped = (text: string) =>
  text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|#~]/g, (character) => `\\${character}`);
