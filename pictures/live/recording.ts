/** A figure that a scenario on real nodes measured. */
export interface Figure {
  /** Of what, in words that a person understands without the test. */
  what: string;
  value: number;
  unit: "s" | "ms" | "requests" | "requests/s" | "rows" | "MiB" | "ratio" | "replicas" | "pairs" | "times";
}

/** The figures of scenarios, by scenario: `out/live/report.json` of a run, and `pictures/data/live.json` for the pages. */
export interface LiveRecording {
  /** When the last scenario wrote, as ISO 8601. */
  recorded: string;
  machine: string;
  /** What ran in Attic's pods. */
  attic: string;
  figures: Record<string, Figure[]>;
}

/**
 * A figure of a recording.
 * @throws Error when the scenario has not measured it, or was not run
 */
export function figure({ figures }: Pick<LiveRecording, "figures">, scenario: string, what: string): number {
  const found = figures[scenario]?.find((each) => each.what === what);
  if (!found) throw new Error(`the recording has no figure “${what}” of scenario “${scenario}”`);
  return found.value;
}

/** The sum of a scenario's figures whose names match. */
export const sum = ({ figures }: Pick<LiveRecording, "figures">, scenario: string, what: RegExp): number =>
  (figures[scenario] ?? [])
    .filter((each) => what.test(each.what))
    .reduce((total, { value }) => total + value, 0);
