import type { Fence } from "./pages.ts";

/** What may stand behind an opening fence whose block is commands. */
export const marks = ["sh", "sh cluster", "sh client", "sh slow"];

/** Whether a block is commands. */
export const isShell = ({ info }: Fence) => /^(sh|bash|shell|zsh)\b/.test(info);

/**
 * The commands of a block, each with its continuation lines: those behind `\`, `|`, `&&` and `||`, and those inside
 * a quoted text.
 */
export function commands(code: string): string[] {
  const all: string[] = [];
  let open = "";
  for (const line of code.trimEnd().split("\n")) {
    open += open ? `\n${line}` : line;
    if (goesOn(open)) continue;
    all.push(open);
    open = "";
  }
  if (open) throw new Error(`the command goes on behind its block:\n${open}`);
  return all;
}

/** Whether a command says of itself that it needs a real cluster. */
export const needsCluster = (command: string) => /\s# cluster(:|$)/m.test(command);

/** A block's commands that run against the local stack. */
export const runnable = (code: string) =>
  commands(code)
    .filter((command) => !needsCluster(command))
    .join("\n");

function goesOn(text: string): boolean {
  let quote = "";
  let comment = false;
  let last = "";
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (comment) {
      comment = character !== "\n";
    } else if (quote) {
      if (character === "\\" && quote === '"') i++;
      else if (character === quote) quote = "";
    } else if (character === "\\") {
      last = text[++i] === undefined ? "\\" : "";
    } else if (character === "#" && /^$|\s$/.test(text.slice(0, i))) {
      comment = true;
    } else if (character === "'" || character === '"') {
      quote = character;
      last = "";
    } else if (/\S/.test(character)) {
      last =
        character === "&" && text[i + 1] === "&" ? "|" : character === "&" && last === "|" ? "|" : character;
    }
  }
  return quote !== "" || last === "\\" || last === "|";
}

/**
 * The words behind a program's name wherever it is called in a text, up to what ends the command. A placeholder
 * such as `<name>` is one word.
 */
export function calls(text: string, program: string): string[][] {
  const found: string[][] = [];
  const name = new RegExp(`(?<![\\w./-])${program}(?=\\s|$)`, "g");
  for (const { index } of text.matchAll(name)) found.push(words(text.slice(index + program.length)));
  return found;
}

function words(text: string): string[] {
  const all: string[] = [];
  let rest = text.replaceAll("\\\n", " ");
  while (true) {
    rest = rest.replace(/^[ \t]+/, "");
    const [whole = "", double, single, plain] =
      rest.match(/^(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:<[\w ]+>|\$\([^)]*\)|[^\s|;&<>#()"'`])+))/) ?? [];
    if (!whole) return all;
    all.push(double ?? single ?? plain ?? "");
    rest = rest.slice(whole.length);
  }
}
