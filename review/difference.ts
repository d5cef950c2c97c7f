import { createTwoFilesPatch } from "diff";
import { stringify } from "yaml";
import type { Properties, Step } from "./steps.ts";

/** What changes of a resource, as a unified difference of its YAML. A value that is secret shows as changed alone. */
export function difference({ before, after, differs }: Step): string {
  const patch = createTwoFilesPatch("", "", yaml(before), yaml(after), "", "", { context: 2 });
  const lines = patch
    .split("\n")
    .slice(4)
    .filter((line) => line !== "\\ No newline at end of file");
  const body = lines.join("\n").trimEnd();
  if (body !== "") return body;
  // Nothing differs that may be shown.
  return differs.map((path) => `~ ${path}: [secret]`).join("\n");
}

const yaml = (properties: Properties | undefined) =>
  properties ? stringify(properties, { sortMapEntries: true, lineWidth: 0 }) : "";
