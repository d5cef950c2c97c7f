/** A heading of a level. */
export const heading = (level: number, text: string) => `${"#".repeat(level)} ${text}`;

/** A text in a cell or a line: on one line, and with nothing that Markdown would take for its own. */
export function cell(text: string): string {
  return text
    .replaceAll(/\s*\n\s*/g, " ")
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;");
}

/** A table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

/** Code, in a fence that nothing in it can end. */
export function fenced(language: string, code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${code}\n${fence}`;
}

/** Text that is folded away until somebody asks for it. */
export const details = (summary: string, body: string) =>
  `<details>\n<summary>${cell(summary)}</summary>\n\n${body}\n\n</details>`;
