// What a cache can be called, and which names a pattern means: the server's own rules (attic/src/cache.rs), kept
// here because configuration is checked by them and tokens are made by them.

/** A cache's name. */
export const cacheName = /^[A-Za-z0-9][A-Za-z0-9_+-]{0,49}$/;

/** A cache's name, or a pattern in which `*` stands for any number of characters. */
export const cachePattern = /^[A-Za-z0-9*][A-Za-z0-9_+*-]{0,49}$/;

/** Whether it is a pattern, and not one cache's name. */
export const isPattern = (text: string) => text.includes("*");

/** Whether every name that `narrow` means is one that `wide` means, too. */
export function covers(wide: string, narrow: string): boolean {
  return meet((at, i, j) => {
    // A `*` of the narrow one is a character like any other, which only a `*` of the wide one meets.
    if (wide[i] === "*") return at(i + 1, j) || (j < narrow.length && at(i, j + 1));
    if (i === wide.length || j === narrow.length) return i === wide.length && j === narrow.length;
    return wide[i] === narrow[j] && at(i + 1, j + 1);
  });
}

/** Whether some name is meant by both. */
export function overlap(one: string, other: string): boolean {
  return meet((at, i, j) => {
    if (one[i] === "*") return at(i + 1, j) || (j < other.length && at(i, j + 1));
    if (other[j] === "*") return at(i, j + 1) || (i < one.length && at(i + 1, j));
    if (i === one.length || j === other.length) return i === one.length && j === other.length;
    return one[i] === other[j] && at(i + 1, j + 1);
  });
}

type Meets = (i: number, j: number) => boolean;

/** Asks about two texts from two places on; each pair of places is decided once, however many stars there are. */
function meet(decide: (at: Meets, i: number, j: number) => boolean): boolean {
  const known = new Map<string, boolean>();
  const at: Meets = (i, j) => {
    const key = `${i},${j}`;
    const found = known.get(key) ?? decide(at, i, j);
    known.set(key, found);
    return found;
  };
  return at(0, 0);
}

/**
 * The order in which a token lists its caches. The server takes an exact name first, and else the first pattern
 * that fits, so what is narrower comes before what is wider.
 */
export function narrowestFirst(patterns: readonly string[]): string[] {
  const literals = (text: string) => text.replaceAll("*", "").length;
  // Several stars side by side mean what one does.
  const stars = (text: string) => text.match(/\*+/g)?.length ?? 0;
  return patterns.toSorted(
    (a, b) =>
      Number(isPattern(a)) - Number(isPattern(b)) ||
      literals(b) - literals(a) ||
      stars(a) - stars(b) ||
      (a < b ? -1 : 1),
  );
}
