import process from "node:process";

/** What ends with the reader of a pipe, or with a terminal. */
const closed = ["EPIPE", "EIO"];

/** As for a program that the system ends by SIGPIPE, so that `set -o pipefail` sees that not everything was read. */
const READER_GONE = 141;

/**
 * Has the process bear it when whoever reads its output has gone: the rest of its messages is lost. One whose results
 * nobody reads any more ends, as in `atticctl tokens list | head`, unless it is through, or has something to bring to
 * an end first; then it ends with its own exit code.
 */
export function endWithReader(): void {
  process.stderr.on("error", ignoreClosed);
  process.stdout.on("error", (error) => {
    ignoreClosed(error);
    // A command that is through ends by itself before this comes round.
    setImmediate(() => {
      if (!bringsToAnEnd()) process.exit(READER_GONE);
    });
  });
}

function ignoreClosed(error: NodeJS.ErrnoException): void {
  if (!closed.includes(error.code ?? "")) throw error;
}

/** Whoever has something to bring to an end listens for the wish to stop. */
const bringsToAnEnd = () => process.listenerCount("SIGTERM") > 0;
