import type { Finding } from "./review.ts";
import { CannotTell } from "./unknown.ts";

const LONGEST = 120;

/** A value as a message may show it. */
export function show(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  } catch (error) {
    if (error instanceof CannotTell) return "not known yet";
    throw error;
  }
}

/** A finding for people: where, what, and what to do. */
export function message({ resource, field, found, problem, fix }: Finding): string {
  const where = [resource, field].filter((part) => part !== "").join(" ");
  return [found === undefined ? where : `${where}: ${found}`, `  ${problem}`, `  ${fix}`].join("\n");
}
