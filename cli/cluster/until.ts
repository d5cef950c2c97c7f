import type { World } from "../world.ts";

/** How long something is waited for. */
export interface Patience {
  /** Milliseconds in all. */
  timeout: number;
  /** Milliseconds between two looks. @default 2000 */
  interval?: number;
}

/**
 * Looks again and again until what it sees is what is waited for, or the patience ends.
 * @param look the first look is taken at once
 * @param done whether that is it
 * @returns what was seen last, and whether it is what was waited for
 */
export async function until<T>(
  { sleep, elapsed }: Pick<World, "sleep" | "elapsed">,
  look: () => Promise<T>,
  done: (seen: T) => boolean,
  { timeout, interval = 2_000 }: Patience,
): Promise<{ seen: T; done: boolean }> {
  const end = elapsed() + timeout;
  for (;;) {
    const seen = await look();
    if (done(seen)) return { seen, done: true };
    if (elapsed() + interval > end) return { seen, done: false };
    await sleep(interval);
  }
}
