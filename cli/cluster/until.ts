import type { World } from "../world.ts";
import { ClusterError } from "./errors.ts";

/** How long something is waited for. */
export interface Patience {
  /** Milliseconds in all. */
  timeout: number;
  /** Milliseconds between two looks. @default 2000 */
  interval?: number;
}

/**
 * Looks again and again until what it sees is what is waited for, or the patience ends. A look that finds no API
 * server, or one that cannot answer now, is taken again: they go away for a moment while their nodes are changed.
 * @param look the first look is taken at once
 * @param done whether that is it
 * @returns what was seen last, and whether it is what was waited for
 * @throws ClusterError of the last look, when the API server did not answer that either
 */
export async function until<T>(
  { sleep, elapsed }: Pick<World, "sleep" | "elapsed">,
  look: () => Promise<T>,
  done: (seen: T) => boolean,
  { timeout, interval = 2_000 }: Patience,
): Promise<{ seen: T; done: boolean }> {
  const end = elapsed() + timeout;
  const over = () => elapsed() + interval > end;
  for (;;) {
    try {
      const seen = await look();
      if (done(seen)) return { seen, done: true };
      if (over()) return { seen, done: false };
    } catch (error) {
      if (!passes(error) || over()) throw error;
    }
    await sleep(interval);
  }
}

const passes = (error: unknown) =>
  error instanceof ClusterError && /^un(reachable|available)$/.test(error.problem);
