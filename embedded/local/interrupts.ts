import process from "node:process";

/**
 * Turns Ctrl-C into a request to stop: the first lets what is going on end, the second ends at once.
 *
 * On a terminal Ctrl-C reaches the engine by itself, and a second signal would make it drop what it is
 * doing; so it is passed on only where there is no terminal, or when a stronger signal comes.
 *
 * @param say tells the person what happens now
 * @returns the signal for the engine, and what takes the handlers away again
 */
export function onInterrupt(say: (line: string) => void): {
  signal: AbortSignal;
  stopped: () => boolean;
  release: () => void;
} {
  const controller = new AbortController();
  let times = 0;
  const handler = (name: NodeJS.Signals) => {
    times++;
    if (times === 1) {
      say("stopping: what is being done now is brought to an end (Ctrl-C again to end at once)");
    }
    const engineKnows = name === "SIGINT" && process.stdin.isTTY && times === 1;
    if (!engineKnows) {
      controller.abort();
    }
    if (times > 2) {
      process.exit(130);
    }
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) {
    process.on(name, handler);
  }
  return {
    signal: controller.signal,
    stopped: () => times > 0,
    release: () => {
      for (const name of names) {
        process.off(name, handler);
      }
    },
  };
}
