/** What changed between two values, by property path. */
import { isDeepStrictEqual } from "node:util";
import { joinPath } from "./property-path.ts";
import type { DiffKind, Props } from "./provider.ts";
import { isObject, UNKNOWN } from "./struct.ts";

/** The differences between two objects; none if they are deeply equal. An unknown value always differs. */
export function diffValues(olds: Props, news: Props): Record<string, DiffKind> {
  const diff: Record<string, DiffKind> = {};
  walk(olds, news, "", diff);
  return diff;
}

/** Marks the differences at or below any of `keys` (top-level properties) as requiring replacement. */
export function replaceOn(diff: Record<string, DiffKind>, keys: readonly string[]): Record<string, DiffKind> {
  return Object.fromEntries(
    Object.entries(diff).map(([path, kind]) => {
      const top = /^[^.[]+/.exec(path)?.[0] ?? path;
      return [path, keys.includes(top) ? asReplacement(kind) : kind];
    }),
  );
}

/** The `-replace` form of a difference. */
export function asReplacement(kind: DiffKind): DiffKind {
  return kind.endsWith("-replace") ? kind : (`${kind}-replace` as DiffKind);
}

function walk(old: unknown, now: unknown, path: string, diff: Record<string, DiffKind>): void {
  if (now === undefined && old === undefined) return;
  if (old === undefined) diff[path] = "add";
  else if (now === undefined) diff[path] = "delete";
  else if (isObject(old) && isObject(now)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      walk(old[key], now[key], joinPath(path, key), diff);
    }
  } else if (Array.isArray(old) && Array.isArray(now)) {
    for (let index = 0; index < Math.max(old.length, now.length); index++) {
      walk(old[index], now[index], joinPath(path, index), diff);
    }
  } else if (now === UNKNOWN || !isDeepStrictEqual(old, now)) diff[path] = "update";
}
