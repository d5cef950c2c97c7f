import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const begin = "cat >\"$WITH_ATTIC\" <<'END_OF_WITH_ATTIC'\n";
const end = "END_OF_WITH_ATTIC\n";

/**
 * The template with a script in the place where it has one.
 * @throws Error when there is no such place, or the script has something that would end it or that GitLab would replace
 */
export function embed(template: string, script: string): string {
  const from = template.indexOf(begin) + begin.length;
  const indent = /^ *(?=cat >"\$WITH_ATTIC")/m.exec(template)?.[0];
  const to = template.indexOf(`${indent}${end}`, from);
  if (indent === undefined || to < 0) throw new Error("the template has no place for the script");
  if (script.includes("$[[") || script.includes(end))
    throw new Error("the script cannot stand in a template");
  const lines = script.split("\n").map((line) => (line === "" ? "" : indent + line));
  return template.slice(0, from) + lines.join("\n") + template.slice(to);
}

// `node clients/gitlab/embed.ts`: puts the script into the template, after a change of either.
if (import.meta.main) {
  const template = join(import.meta.dirname, "attic.yml");
  const script = readFileSync(join(import.meta.dirname, "../with-attic.sh"), "utf8");
  writeFileSync(template, embed(readFileSync(template, "utf8"), script));
}
