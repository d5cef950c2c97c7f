import { type ChartSpec, fill, type Layer, type Position } from "../chart.ts";
import { colours } from "../palette.ts";
import { type Cell, type Reason, sources, targets } from "./matrix.ts";

const rowHeight = 42;
const lineHeight = 13;
const namesOf = (actors: typeof sources) => actors.map(({ name }) => name);

const surface: Record<Reason | "closed" | "outside", string> = {
  named: colours.mainTint,
  any: colours.watchTint,
  closed: colours.panel,
  outside: colours.plate,
};

/** What a pair is coloured by: the weaker reason counts. */
export function surfaceOf({ open, outside }: Cell): keyof typeof surface {
  if (outside) return "outside";
  if (open.length === 0) return "closed";
  return open.some(({ reason }) => reason === "any") ? "any" : "named";
}

/** Ports on lines that a cell is wide enough for; a dash where all are closed. */
export function portLines({ open, outside }: Cell): string[] {
  if (outside) return [];
  if (open.length === 0) return ["–"];
  const lines = [""];
  for (const { port } of open) {
    const longer = `${lines.at(-1)} ${port}`.trim();
    if (longer.length <= "53 443".length) lines[lines.length - 1] = longer;
    else lines.push(port);
  }
  return lines;
}

const place = (field: string, names: string[]): Position => ({
  field,
  type: "nominal",
  sort: names,
  scale: { paddingInner: 0.06, paddingOuter: 0 },
  axis: null,
});
const x = place("to", namesOf(targets));
const y = place("from", namesOf(sources));

/** How far up the first of some lines is, for them to be in the middle. */
const centred = { expr: `-(length(datum.lines) - 1) * ${lineHeight / 2}` };

const lines = { field: "lines", type: "nominal" } as const;

const words = (fontSize: number) => ({ type: "text", baseline: "middle", lineHeight, fontSize }) as const;

const labels = (field: string, names: string[]) =>
  names.map((name) => ({ [field]: name, lines: name.split(" ") }));

/** The grid: a row for each who asks, a column for each who is asked, ports where the policies let them. */
export function networkSpec(all: readonly Cell[]): ChartSpec {
  const keys = Object.keys(surface) as (keyof typeof surface)[];
  const grid: Layer[] = [
    {
      data: { values: all.map((cell) => ({ from: cell.from, to: cell.to, surface: surfaceOf(cell) })) },
      mark: { type: "rect", cornerRadius: 4 },
      encoding: {
        x,
        y,
        color: {
          field: "surface",
          type: "nominal",
          scale: { domain: keys, range: keys.map((key) => surface[key]) },
          legend: null,
        },
      },
    },
    {
      data: { values: all.map((cell) => ({ from: cell.from, to: cell.to, lines: portLines(cell) })) },
      mark: { ...words(11), dy: centred },
      encoding: { x, y, text: lines },
    },
  ];
  const sides: Layer[] = [
    {
      data: { values: labels("to", namesOf(targets)) },
      mark: { ...words(11), y: -22, dy: centred },
      encoding: { x, text: lines },
    },
    {
      data: { values: labels("from", namesOf(sources)) },
      mark: { ...words(11.5), align: "right", x: -8, dy: centred },
      encoding: { y, text: lines },
    },
  ];
  return {
    ...fill({ left: 82, right: 0, top: 38, bottom: 4 }, sources.length * rowHeight),
    layer: [...grid, ...sides],
  };
}
