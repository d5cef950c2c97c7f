import { inert } from "./inert.ts";

/** The most characters that GitLab takes in a note. */
export const longestNote = 1_000_000;

/** The first line of a note, which GitLab does not show, and by which it is found again. */
export const markerOf = (key: string) => `<!-- atticctl note ${key} -->`;

/**
 * The body of a note: the page, made inert, behind the marker. What is too long for GitLab loses the insides of its
 * folded details, the longest first, then its end; the first line says so.
 * @param whole where the whole page is, in words
 */
export function noteBody(key: string, page: string, whole: string, longest = longestNote): string {
  const text = inert(page).trimEnd();
  const head = `${markerOf(key)}\n`;
  if (lengthOf(head + text) <= longest) return head + text;
  const told = `${head}> **Shortened:** the page is longer than the ${longest} characters of a note. ${whole}\n\n`;
  const room = longest - lengthOf(told);
  return told + cutTo(room, withoutDetails(room, text));
}

const leftOut = "\n\n(left out; see the first line)\n\n</details>";

/** Empties folded details, the longest first, until the text fits, or none is left. */
function withoutDetails(room: number, text: string): string {
  const blocks = [...text.matchAll(/<details>\s*<summary>.*?<\/summary>(?<inside>.*?)<\/details>/gs)]
    .map((match) => ({ block: match[0], inside: match.groups?.inside ?? "" }))
    .toSorted((a, b) => b.inside.length - a.inside.length);
  let left = text;
  for (const { block, inside } of blocks) {
    if (lengthOf(left) <= room) break;
    const emptied = block.slice(0, block.length - inside.length - "</details>".length) + leftOut;
    // A function, as `$` in the text is no pattern.
    if (emptied.length < block.length) left = left.replace(block, () => emptied);
  }
  return left;
}

/** Cuts behind a line, and closes the code block that the cut is in. */
function cutTo(room: number, text: string): string {
  const letters = [...text];
  if (letters.length <= room) return text;
  const closing = "\n```\n\n…";
  const kept = letters.slice(0, Math.max(0, room - closing.length)).join("");
  const lines = kept.slice(0, kept.lastIndexOf("\n") + 1).trimEnd();
  const open = (lines.match(/^ {0,3}```/gm) ?? []).length % 2 === 1;
  return `${lines}${open ? closing : "\n\n…"}`;
}

/** As GitLab counts. */
const lengthOf = (text: string) => (text.length <= longestNote / 2 ? text.length : [...text].length);
