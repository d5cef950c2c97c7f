import { type ChartSpec, fill, type Position } from "../chart.ts";
import { colours } from "../palette.ts";
import { overlaps, type Validity } from "./validity.ts";

const rowHeight = 52;
/** Generations of a token lie in two lanes in turn, so that an overlap is seen. */
const lane = { height: 17, odd: 9, even: 29 } as const;

/** How a kind is called on the picture. */
const kindName: Record<Validity["kind"], string> = {
  ci: "CI",
  readOnly: "read only",
  service: "service",
  root: "root",
};

/** The chart of some validities: a row for each token, a bar for each generation. */
export function tokensSpec(all: readonly Validity[], days: number): ChartSpec {
  const tokens = [...new Map(all.map(({ token, kind }) => [token, kind]))];
  const rowOf = (token: string) => tokens.findIndex(([name]) => name === token);
  const top = (token: string) => rowOf(token) * rowHeight;
  const bars = all.map((validity) => {
    const { token, generation, from, until } = validity;
    const y = top(token) + (generation % 2 ? lane.odd : lane.even);
    const isLong = Math.min(until, days) - from > 40;
    return {
      from,
      until: Math.min(until, days),
      y,
      y2: y + lane.height,
      words: isLong ? `generation ${generation}` : `${generation}`,
    };
  });
  const both = overlaps(all).map(({ token, from, until }) => ({
    from,
    until: Math.min(until, days),
    y: top(token) + 3,
    y2: top(token) + rowHeight - 3,
  }));
  const due = all
    .filter(({ kind, rotates }) => kind === "root" && rotates < days)
    .map(({ token, rotates, until }) => ({
      day: rotates,
      end: until + 4,
      y: top(token) + 3,
      y2: top(token) + rowHeight - 3,
      middle: top(token) + lane.odd + lane.height / 2,
      words: `due on day ${rotates}: an alert asks for a person`,
    }));
  const rows = tokens.map(([token, kind]) => ({
    token,
    kind: kindName[kind],
    y: top(token) + rowHeight / 2,
    edge: top(token) + rowHeight,
  }));
  const height = tokens.length * rowHeight;
  const y = (field: string): Position => ({
    field,
    type: "quantitative",
    scale: { domain: [0, height], reverse: true, nice: false },
    axis: null,
  });
  const x = (field: string): Position => ({
    field,
    type: "quantitative",
    scale: { domain: [0, days], nice: false },
    axis: { values: range(0, days, 30), title: "days since the signing key was made", grid: true },
  });
  return {
    ...fill({ left: 124, right: 8, top: 2, bottom: 44 }, height),
    layer: [
      {
        data: { values: both },
        mark: { type: "rect", color: colours.watchTint },
        encoding: { x: x("from"), x2: { field: "until" }, y: y("y"), y2: { field: "y2" } },
      },
      {
        data: { values: bars },
        mark: { type: "rect", color: colours.mainTint2, cornerRadius: 3 },
        encoding: { x: x("from"), x2: { field: "until" }, y: y("y"), y2: { field: "y2" } },
      },
      {
        data: { values: bars },
        mark: { type: "text", align: "left", dx: 6, dy: lane.height / 2, fontSize: 11.5 },
        encoding: { x: x("from"), y: y("y"), text: { field: "words" } },
      },
      {
        data: { values: due },
        mark: { type: "rule", color: colours.watch, strokeWidth: 2 },
        encoding: { x: x("day"), y: y("y"), y2: { field: "y2" } },
      },
      {
        data: { values: due },
        mark: { type: "text", align: "left", color: colours.watch, fontSize: 11.5 },
        encoding: { x: x("end"), y: y("middle"), text: { field: "words" } },
      },
      {
        data: { values: rows },
        mark: { type: "rule", color: colours.grid },
        encoding: { y: y("edge") },
      },
      {
        data: { values: rows },
        mark: { type: "text", align: "right", fontWeight: "bold", dy: -8, x: -10 },
        encoding: { y: y("y"), text: { field: "token" } },
      },
      {
        data: { values: rows },
        mark: { type: "text", align: "right", color: colours.muted, dy: 8, x: -10 },
        encoding: { y: y("y"), text: { field: "kind" } },
      },
    ],
  };
}

const range = (from: number, to: number, step: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step);
