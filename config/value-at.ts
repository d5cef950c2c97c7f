/** What stands at a path of nested objects; undefined where nothing does. */
export function valueAt(found: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], found);
}
