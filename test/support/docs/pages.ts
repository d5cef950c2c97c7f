import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's folder. */
export const PROJECT = join(import.meta.dirname, "../../..");

/** A page of the project's documentation. */
export interface Page {
  /** From the project's folder, for instance `docs/local.md`. */
  path: string;
  text: string;
}

/** README.md and every page below docs. */
export function pages(): Page[] {
  const below = readdirSync(join(PROJECT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join("docs", path));
  return ["README.md", ...below.sort()].map((path) => ({
    path,
    text: readFileSync(join(PROJECT, path), "utf8"),
  }));
}

/** A fenced block of a page. */
export interface Fence {
  /** What stands behind the opening fence: the language, and for `sh` the mark. */
  info: string;
  /** The block without its indentation. */
  code: string;
  /** The line of its opening fence, from 1. */
  line: number;
}

/** The fenced blocks of a page, and the page without them. */
export function split(text: string): { fences: Fence[]; prose: string } {
  const fences: Fence[] = [];
  const prose: string[] = [];
  let open: { indent: string; ticks: string; fence: Fence } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const [, indent = "", ticks = "", info = ""] = line.match(/^(\s*)(`{3,})(.*)$/) ?? [];
    if (open && ticks === open.ticks && info === "") {
      fences.push(open.fence);
      open = undefined;
    } else if (open) {
      const { indent: outer } = open;
      open.fence.code += `${line.startsWith(outer) ? line.slice(outer.length) : line}\n`;
    } else if (ticks) {
      open = { indent, ticks, fence: { info: info.trim(), code: "", line: index + 1 } };
    } else {
      prose.push(line);
    }
  }
  if (open) throw new Error(`the fence of line ${open.fence.line} is never closed`);
  return { fences, prose: prose.join("\n") };
}

/** The anchors that GitHub and GitLab give to a page's headings. */
export function anchors(text: string): string[] {
  const seen = new Map<string, number>();
  return [...split(text).prose.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = ""]) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before ? `${slug}-${before}` : slug;
  });
}

/** Where a page's links and images lead, code left out. */
export function links(text: string): string[] {
  const prose = split(text).prose.replaceAll(/`[^`]*`/g, "");
  return [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(([, target = ""]) => target);
}

/** What stands in single backticks in a page's prose, on one line. */
export function codeSpans(text: string): string[] {
  return [...split(text).prose.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replaceAll(/\s+/g, " "));
}
