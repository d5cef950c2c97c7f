import process from "node:process";
import picocolors from "picocolors";
import { cut } from "./table.ts";

/** Where progress is written; standard error, so that `--json` has standard output for itself. */
export interface ScreenStream {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  write(text: string): unknown;
}

/**
 * Lines that stay, and below them lines that are painted over. Without a terminal only the lines that stay
 * are written, without colours.
 */
export class Screen {
  readonly live: boolean;
  readonly colours: ReturnType<typeof picocolors.createColors>;
  #stream: ScreenStream;
  #painted = 0;

  constructor(stream: ScreenStream = process.stderr, env: NodeJS.ProcessEnv = process.env) {
    this.#stream = stream;
    this.live = Boolean(stream.isTTY) && env.TERM !== "dumb" && !env.CI;
    this.colours = picocolors.createColors(this.live && !env.NO_COLOR);
  }

  /** Columns of the terminal; 100 where there is none. */
  get width(): number {
    return this.#stream.columns ?? 100;
  }

  /** Rows of the terminal; more than anybody paints where there is none. */
  get height(): number {
    return this.#stream.rows ?? 1_000;
  }

  /** Writes lines that stay. */
  print(...lines: string[]): void {
    this.paint([]);
    for (const line of lines) {
      this.#stream.write(`${line}\n`);
    }
  }

  /** Replaces the lines painted last. Does nothing without a terminal. */
  paint(lines: string[]): void {
    if (!this.live) {
      return;
    }
    const up = this.#painted > 0 ? `\u001b[${this.#painted}A\r\u001b[J` : "";
    // A line that wraps would make the next paint start too low.
    const text = lines.map((line) => `${cut(line, this.width - 1)}\n`).join("");
    if (up + text !== "") {
      this.#stream.write(up + text);
    }
    this.#painted = lines.length;
  }
}
