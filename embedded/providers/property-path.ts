/** Property paths as the engine writes them: `spec.containers[0].image`, `metadata.labels["app.kubernetes.io/name"]`. */

export type PathSegment = string | number;

/** Adds one segment to a path. */
export function joinPath(path: string, segment: PathSegment): string {
  if (typeof segment === "number") return `${path}[${segment}]`;
  if (!/^[A-Za-z_$][\w$-]*$/.test(segment)) return `${path}[${JSON.stringify(segment)}]`;
  return path === "" ? segment : `${path}.${segment}`;
}

/** Splits a path into its segments. */
export function parsePath(path: string): PathSegment[] {
  const segments: PathSegment[] = [];
  for (const match of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)) {
    const [, quoted, index, plain] = match;
    if (quoted !== undefined) segments.push(JSON.parse(`"${quoted}"`) as string);
    else if (index !== undefined) segments.push(index === "*" ? "*" : Number(index));
    else if (plain !== undefined) segments.push(plain);
  }
  return segments;
}

/** The value at `segments`, or undefined. */
export function valueAt(value: unknown, segments: readonly PathSegment[]): unknown {
  let current = value;
  for (const segment of segments) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<PathSegment, unknown>)[segment];
  }
  return current;
}
