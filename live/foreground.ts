import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import process from "node:process";
import { stopSignals } from "../embedded/local/interrupts.ts";

/**
 * Runs a command that has the terminal until it ends, and with it Ctrl-C: what it has to bring to an end when somebody
 * stops it, only it knows. Whoever else listens for signals in this process does not hear of them meanwhile.
 *
 * @returns its exit code; as in a shell 128 and the signal's number when one ended it
 */
export async function foreground(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<number> {
  const child = spawn(file, [...args], { ...options, stdio: "inherit" });
  const others = stopSignals.map((name) => process.listeners(name));
  for (const name of stopSignals) {
    process.removeAllListeners(name);
    process.on(name, () => {
      // On a terminal Ctrl-C reaches it by itself, and a second one would mean more.
      if (name !== "SIGINT" || !process.stdin.isTTY) child.kill(name);
    });
  }
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal ? constants.signals[signal] : 0);
  } finally {
    for (const [index, name] of stopSignals.entries()) {
      process.removeAllListeners(name);
      for (const listener of others[index] ?? []) process.on(name, listener);
    }
  }
}
