import type { Screen } from "./screen.ts";
import { duration } from "./table.ts";

/** How often a log without a terminal hears of progress. */
const LOG_EVERY_MS = 15_000;
const REPAINT_MS = 120;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export interface StepOptions {
  /** How long it usually takes; shown beside the elapsed time. */
  expectedMs?: number;
  /** More lines below the step while it runs, asked for at each repaint. Only on a terminal. */
  details?: (now: number) => string[];
}

/** What a running step can say. */
export interface StepControl {
  /** Replaces the step's one-line state. */
  status(text: string): void;
  /** Words for the line that remains when the step is done. */
  result(text: string): void;
  /** A line that stays above the step. */
  note(text: string): void;
}

/** Time taken by one step. */
export interface Timing {
  title: string;
  milliseconds: number;
}

/** Shows a known number of steps, one at a time, as "step n of m". */
export class Steps {
  readonly timings: Timing[] = [];
  #screen: Screen;
  #total: number;
  #done: number;

  /** @param done how many of them others have shown before */
  constructor(screen: Screen, total: number, done = 0) {
    this.#screen = screen;
    this.#total = total;
    this.#done = done;
  }

  /** Runs one step; its error passes through after the step's line says that it failed. */
  async run<T>(title: string, options: StepOptions, work: (control: StepControl) => Promise<T>): Promise<T> {
    const { colours } = this.#screen;
    const started = Date.now();
    const label = `step ${this.#done + 1} of ${this.#total}  ${title}`;
    let status = "";
    let result = "";
    let logged = started;
    let frame = 0;
    const usual = options.expectedMs ? `, usually ${duration(options.expectedMs)}` : "";
    const line = (now: number) => `${label}  ${duration(now - started)}${usual}${status && `  ${status}`}`;
    const repaint = () => {
      const spin = SPINNER[frame++ % SPINNER.length];
      this.#screen.paint([`${spin} ${line(Date.now())}`, ...(options.details?.(Date.now()) ?? [])]);
    };
    const timer = setInterval(() => {
      if (this.#screen.live) {
        repaint();
      } else if (Date.now() - logged >= LOG_EVERY_MS) {
        logged = Date.now();
        const [longest = ""] = options.details?.(logged) ?? [];
        this.#screen.print(`  ${line(logged)}${longest && `; ${longest.trim()}`}`);
      }
    }, REPAINT_MS);
    if (!this.#screen.live) {
      this.#screen.print(`${label}${options.expectedMs ? ` (usually ${duration(options.expectedMs)})` : ""}`);
    }
    try {
      const value = await work({
        status: (text) => {
          status = text;
        },
        result: (text) => {
          result = text;
        },
        note: (text) => this.#screen.print(`  ${text}`),
      });
      const taken = Date.now() - started;
      this.#done++;
      this.timings.push({ title, milliseconds: taken });
      const words = result && `  ${colours.dim(result)}`;
      this.#screen.print(`${colours.green("✓")} ${label}  ${duration(taken)}${words}`);
      return value;
    } catch (error) {
      this.#screen.print(`${colours.red("✗")} ${label}  ${duration(Date.now() - started)}`);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }
}
