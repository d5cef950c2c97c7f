import { type ChartSpec, fill, type Position } from "../chart.ts";
import { colours } from "../palette.ts";
import type { Noticed } from "./events.ts";

const looks = { planned: colours.main, database: colours.watch } satisfies Record<Noticed["kind"], string>;

/** From less than a moment to more than the longest, in seconds; bars begin at the first. */
const ticks = [0.1, 1, 10, 100, 1000];
const x = (field: string): Position => ({
  field,
  type: "quantitative",
  scale: { type: "log", domain: [0.1, 1000], nice: false },
  axis: {
    values: ticks,
    format: "~g",
    title: "longest time in which no upload succeeded, in seconds (logarithmic)",
  },
});

/** How long, and what failed, in words. */
const says = ({ gap, failed }: Noticed): string =>
  `${gap >= 10 ? Math.round(gap) : Math.round(gap * 10) / 10} s, ${failed === 0 ? "nothing failed" : `${failed} requests failed`}`;

/** A bar for each, as long as nothing got through. */
export function noticedSpec(all: readonly Noticed[]): ChartSpec {
  const values = all.map((each) => ({ ...each, from: ticks[0], says: says(each), colour: looks[each.kind] }));
  const y: Position = {
    field: "event",
    type: "nominal",
    sort: all.map(({ event }) => event),
    scale: { paddingInner: 0.35 },
    axis: { title: null, ticks: false, domain: false, labelLimit: 0, grid: false },
  };
  return {
    ...fill({ left: 244, right: 24, top: 6, bottom: 42 }, all.length * 26),
    data: { values },
    layer: [
      {
        mark: { type: "bar", cornerRadiusEnd: 3 },
        encoding: {
          x: x("from"),
          x2: { field: "gap" },
          y,
          fill: { field: "colour", type: "nominal", scale: null },
        },
      },
      {
        mark: { type: "text", align: "left", dx: 7 },
        encoding: { x: x("gap"), y, text: { field: "says", type: "nominal" } },
      },
    ],
  };
}
