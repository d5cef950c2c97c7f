import { type ChartSpec, fill, type Layer, type Position } from "../chart.ts";
import { inner } from "../frame.ts";
import { colours } from "../palette.ts";
import { occasions, type Row } from "./jobs.ts";

const rowHeight = 24;
const left = { stage: 0, job: 76, grid: 306 } as const;
const column = (inner - left.grid) / occasions.length;

/** The table: a row for each job, a column for each occasion. */
export function pipelineSpec(rows: readonly Row[]): ChartSpec {
  const height = rows.length * rowHeight;
  const across = (field: string): Position => ({
    field,
    type: "quantitative",
    scale: { domain: [0, inner], nice: false },
    axis: null,
  });
  const down = (field: string): Position => ({
    field,
    type: "quantitative",
    scale: { domain: [0, height], reverse: true, nice: false },
    axis: null,
  });
  const write = (values: object[], looks: object): Layer => ({
    data: { values },
    mark: { type: "text", baseline: "middle", fontSize: 12, ...looks },
    encoding: { x: across("x"), y: down("y"), text: { field: "words", type: "nominal" } },
  });
  const middle = (row: number) => (row + 0.5) * rowHeight;
  const begins = (row: number) => rows[row]?.stage !== rows[row - 1]?.stage;
  const pills = rows.flatMap(({ marks }, row) =>
    occasions.flatMap(({ name }, at) => {
      const mark = marks[name];
      if (!mark) return [];
      const x = left.grid + at * column;
      const y = row * rowHeight;
      return [
        {
          x: x + 2,
          x2: x + column - 2,
          y: y + 2.5,
          y2: y + rowHeight - 2.5,
          words: mark.words,
          surface: mark.when === "manual" ? "manual" : "itself",
        },
      ];
    }),
  );
  const stages = rows.flatMap(({ stage }, row) => (begins(row) ? [{ stage, row }] : []));
  return {
    ...fill({ left: 0, right: 0, top: 26, bottom: 4 }, height),
    layer: [
      {
        data: { values: stages.map(({ row }) => ({ y: row * rowHeight })) },
        mark: { type: "rule", color: colours.grid },
        encoding: { y: down("y") },
      },
      {
        data: { values: pills },
        mark: { type: "rect", cornerRadius: 9 },
        encoding: {
          x: across("x"),
          x2: { field: "x2" },
          y: down("y"),
          y2: { field: "y2" },
          color: {
            field: "surface",
            type: "nominal",
            scale: { domain: ["itself", "manual"], range: [colours.mainTint, colours.watchTint] },
            legend: null,
          },
        },
      },
      write(
        pills.map(({ x, x2, y, y2, words }) => ({ x: (x + x2) / 2, y: (y + y2) / 2, words })),
        { fontSize: 11 },
      ),
      write(
        stages.map(({ stage, row }) => ({ x: left.stage, y: middle(row), words: stage })),
        { align: "left", fontWeight: "bold" },
      ),
      write(
        rows.map(({ name }, row) => ({ x: left.job, y: middle(row), words: name })),
        { align: "left" },
      ),
      write(
        occasions.map(({ name }, at) => ({ x: left.grid + (at + 0.5) * column, y: 0, words: name })),
        { dy: -12, fontSize: 11.5, color: colours.muted },
      ),
    ],
  };
}
