import { widthOf } from "../../embedded/local/terminal/table.ts";

/**
 * Breaks a text between words into lines of a width. A word that is longer, such as an image, stays whole: it can then
 * be copied.
 * @param indent what the second line and those after it begin with
 */
export function wrap(text: string, width: number, indent = ""): string[] {
  const lines: string[] = [];
  const [before = ""] = /^ */.exec(text) ?? [];
  let line = "";
  for (const word of text.slice(before.length).split(" ")) {
    const longer = line === "" ? before + word : `${line} ${word}`;
    if (line.trim() !== "" && widthOf(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
