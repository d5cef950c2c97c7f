import process from "node:process";

/**
 * Ends the process quietly when whoever reads its output has gone, as `npm run preview … | head` does. What runs
 * meanwhile is told to stop first.
 */
export function endWithReader(stop: () => void = () => {}): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    stop();
    process.exit(0);
  });
}
