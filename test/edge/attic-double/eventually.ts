import { expect } from "vitest";

/** `expect.poll` with patience for a machine that has other things to do. */
export const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 30_000 });
