import { type ChartSpec, fill, type Layer, type Position } from "../chart.ts";
import { colours } from "../palette.ts";
import type { Detection, Point } from "./detection.ts";

const looks = {
  page: { color: colours.watch, strokeWidth: 3 },
  ticket: { color: colours.main, strokeWidth: 3 },
  gone: { color: colours.muted, strokeWidth: 2, strokeDash: [5, 4] },
} satisfies Record<Detection["what"], { color: string; strokeWidth: number; strokeDash?: number[] }>;

const says = { page: "page", ticket: "ticket", gone: "the budget is gone" } satisfies Record<
  Detection["what"],
  string
>;

const units = [
  { name: "days", seconds: 86_400 },
  { name: "h", seconds: 3600 },
  { name: "min", seconds: 60 },
  { name: "s", seconds: 1 },
];

/** A span in its largest unit: `52 s`, `4.3 min`. */
export function span(seconds: number): string {
  const unit = units.find((each) => seconds >= each.seconds) ?? { name: "s", seconds: 1 };
  const amount = Math.round((seconds / unit.seconds) * 10) / 10;
  return `${amount} ${amount === 1 ? unit.name.replace("days", "day") : unit.name}`;
}

/** How a line is called: what happens, how fast the budget burns, over which window. */
export const lineName = ({ what, factor, window }: Detection) =>
  what === "gone"
    ? says.gone
    : `${says[what]}: ${Math.round(factor * 10) / 10} × over ${window.replace(/\D/, " $&")}`;

const x: Position = {
  field: "share",
  type: "quantitative",
  scale: { type: "log", domain: [0.0001, 1], nice: false },
  axis: {
    values: [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
    labelExpr: "format(datum.value * 100, '~g') + ' %'",
    title: "share of requests that fail, from one moment on",
  },
};

/** Seconds that the time axis is labelled at. */
const ticks = [60, 300, 1800, 3600, 21_600, 86_400, 259_200, 2_592_000];

const y: Position = {
  field: "after",
  type: "quantitative",
  scale: { type: "log", domain: [30, 4_000_000], nice: false },
  axis: {
    values: ticks,
    labelExpr: `${JSON.stringify(Object.fromEntries(ticks.map((tick) => [tick, span(tick)])))}[datum.value]`,
    title: "time until it happens",
  },
};

const before = { align: "right", dx: -10, dy: 7, fontWeight: "bold" } as const;
const behind = { align: "left", dx: 8 } as const;

const label = (
  words: string,
  point: Point,
  what: Detection["what"],
  place: typeof before | typeof behind,
): Layer => ({
  data: { values: [{ ...point, words }] },
  mark: { type: "text", color: looks[what].color, ...place },
  encoding: { x, y, text: { field: "words", type: "nominal" } },
});

/** The chart of an objective's detections, logarithmic both ways, so that every one of them is a straight line. */
export function sloSpec(all: readonly Detection[]): ChartSpec {
  const promised = Math.min(...all.map(({ least }) => least.share));
  // Two windows that use up the same part of the budget lie on one line.
  const ends = new Map(all.map((detection) => [span(detection.all.after), detection]));
  return {
    ...fill({ left: 90, right: 60, top: 6, bottom: 44 }, 380),
    layer: [
      {
        data: { values: [{ share: 0.0001, to: promised, words: "kept: nothing fires" }] },
        layer: [
          { mark: { type: "rect", color: colours.panel }, encoding: { x, x2: { field: "to" } } },
          {
            mark: { type: "text", align: "left", baseline: "bottom", dx: 8, y: 370, color: colours.muted },
            encoding: { x, text: { field: "words", type: "nominal" } },
          },
        ],
      },
      ...all.map(
        (detection): Layer => ({
          data: { values: [detection.least, detection.all] },
          mark: { type: "line", ...looks[detection.what] },
          encoding: { x, y },
        }),
      ),
      ...all.map(
        ({ least, what }): Layer => ({
          data: { values: [least] },
          mark: { type: "point", filled: true, size: 70, opacity: 1, color: looks[what].color },
          encoding: { x, y },
        }),
      ),
      ...all.map((detection) => label(lineName(detection), detection.least, detection.what, before)),
      ...[...ends].map(([words, detection]) => label(words, detection.all, detection.what, behind)),
    ],
  };
}
