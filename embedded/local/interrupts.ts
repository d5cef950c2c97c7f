import process from "node:process";
import { EngineError } from "../engine/errors.ts";

/** How long the engine may take to end after it was told twice. */
const PATIENCE_MS = 5_000;

/** A person's or the system's wish to stop. */
export interface Interrupt {
  /** For the engine: stop after what is being done. */
  signal: AbortSignal;
  /** Whether anyone asked to stop. */
  requested: () => boolean;
  /**
   * Waits for work that has nothing to bring to an end, such as a build: a wish to stop ends the wait.
   *
   * @throws EngineError of kind `interrupted`
   */
  orStop: <T>(work: Promise<T>) => Promise<T>;
  /** Takes the signal handlers away again. */
  release: () => void;
}

/** What a person or the system sends to say so. */
export const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The one that is held; signals come to the whole process. */
let held: Interrupt | undefined;

/**
 * Turns Ctrl-C into a wish to stop: the first lets the engine finish what it is doing, the second ends it.
 *
 * Whoever asks while another one is held gets that one, with the wish that it may have heard already, and cannot
 * release it: so a command of several steps holds one over all of them.
 *
 * On a terminal Ctrl-C reaches the engine by itself, and a second signal would make it drop what it is
 * doing; so it is passed on only where there is no terminal, or when a stronger signal comes.
 *
 * @param say tells the person what happens now
 */
export function onInterrupt(say: (line: string) => void): Interrupt {
  if (held) {
    return { ...held, release: () => {} };
  }
  const controller = new AbortController();
  const wish = Promise.withResolvers<never>();
  wish.promise.catch(() => {});
  let times = 0;
  const handler = (name: NodeJS.Signals) => {
    times++;
    if (times === 1) {
      say("stopping (Ctrl-C again to end at once)");
      wish.reject(new EngineError("interrupted", "interrupted"));
    } else {
      setTimeout(() => process.exit(130), PATIENCE_MS).unref();
    }
    const engineKnows = name === "SIGINT" && process.stdin.isTTY && times === 1;
    if (!engineKnows) {
      controller.abort();
    }
  };
  for (const name of stopSignals) {
    process.on(name, handler);
  }
  held = {
    signal: controller.signal,
    requested: () => times > 0,
    orStop: (work) => Promise.race([work, wish.promise]),
    release: () => {
      held = undefined;
      for (const name of stopSignals) {
        process.off(name, handler);
      }
    },
  };
  return held;
}
