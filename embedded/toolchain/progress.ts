/** How far a long step is. */
export interface Progress {
  /** What is being done, for a person: "Building the control plane: compiling". */
  readonly step: string;
  readonly done: number;
  /** `undefined` while it cannot be known, as with downloads. */
  readonly total: number | undefined;
  /** What it is at: a package, a module, a line of a log. */
  readonly current: string;
  readonly elapsedSeconds: number;
  /** How long the whole takes on two cores, as far as it is known. */
  readonly expectedSeconds: number | undefined;
}

export type ProgressListener = (progress: Progress) => void;

/** A step with a clock: fills in the times, and repeats itself every second so that they go on. */
export interface Stopwatch {
  report(progress: Pick<Progress, "step"> & Partial<Progress>): void;
  stop(): void;
}

/** Starts a clock whose reports go to the listener. `stop` must be called, also after an error. */
export function stopwatch(listener: ProgressListener | undefined): Stopwatch {
  const begin = performance.now();
  let last: Progress | undefined;
  const seconds = () => (performance.now() - begin) / 1000;
  const timer = setInterval(() => {
    if (last) listener?.({ ...last, elapsedSeconds: seconds() });
  }, 1000);
  timer.unref();
  return {
    report(progress) {
      last = {
        done: 0,
        total: undefined,
        current: "",
        expectedSeconds: undefined,
        ...progress,
        elapsedSeconds: seconds(),
      };
      listener?.(last);
    },
    stop() {
      clearInterval(timer);
    },
  };
}

/** One line for a person, without colour: step, share done, time spent of the time expected. */
export function describeProgress(progress: Progress): string {
  const { step, done, total, current, elapsedSeconds, expectedSeconds } = progress;
  const parts = [step];
  if (total !== undefined && total > 0)
    parts.push(`${done}/${total} (${Math.floor((100 * done) / total)} %)`);
  else if (done > 0) parts.push(String(done));
  parts.push(
    expectedSeconds === undefined
      ? duration(elapsedSeconds)
      : `${duration(elapsedSeconds)} of about ${duration(expectedSeconds)}`,
  );
  return `${parts.join(", ")}${current === "" ? "" : `: ${current}`}`;
}

/** "42 s", "3 min 07 s". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** Where progress is shown: `process.stderr`, or a stand-in. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const quietSeconds = 15;

/**
 * Shows progress to a person: one line redrawn in place on a terminal; elsewhere (CI) a line for each
 * new step and one every 15 seconds.
 *
 * @param now the clock, in milliseconds
 * @returns the listener, and `end` to clear the line when all is done or failed
 */
export function renderProgress(
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): { listener: ProgressListener; end: () => void } {
  let shownStep: string | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  let drawn = false;
  return {
    listener(progress) {
      const line = describeProgress(progress);
      if (stream.isTTY) {
        if (progress.step === shownStep && now() - shownAt < 100) return;
        stream.write(`\r\x1b[2K${line.slice(0, (stream.columns ?? 80) - 1)}`);
        drawn = true;
      } else {
        if (progress.step === shownStep && now() - shownAt < quietSeconds * 1000) return;
        stream.write(`${line}\n`);
      }
      shownStep = progress.step;
      shownAt = now();
    },
    end() {
      if (drawn) stream.write("\r\x1b[2K");
      drawn = false;
    },
  };
}
