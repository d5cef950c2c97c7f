import * as vega from "vega";
import { type Config, compile, type TopLevelSpec } from "vega-lite";
import type { Field, PositionDef } from "vega-lite/types_unstable/channeldef.js";
import type { LayerSpec, UnitSpec } from "vega-lite/types_unstable/spec/index.js";
import { type Drawing, inner } from "./frame.ts";
import { colours, font } from "./palette.ts";
import { inside } from "./svg.ts";

/** What a chart shows, without the looks that all charts have in common. */
export type ChartSpec = TopLevelSpec;

/** The space around a chart's plot for what its axes say, in pixels. */
export interface Padding {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The size of a plot that, with its padding, is as wide as a picture has room. */
export const fill = (padding: Padding, height: number) => ({
  width: inner - padding.left - padding.right,
  height,
  padding,
});

/** Drawings below each other. */
export function stack(drawings: readonly Drawing[], gap: number): Drawing {
  let height = 0;
  const contents = drawings.map((drawing, at) => {
    const top = height + (at > 0 ? gap : 0);
    height = top + drawing.height;
    return `<g transform="translate(0,${top})">${drawing.content}</g>`;
  });
  return { content: contents.join("\n"), width: Math.max(...drawings.map(({ width }) => width)), height };
}

/** One layer of a chart. */
export type Layer = UnitSpec<Field> | LayerSpec<Field>;

/** A field that is drawn along an axis. */
export type Position = PositionDef<Field>;

const looks: Config = {
  background: "transparent",
  font,
  // Text is measured by the reader's machine; here its width would be guessed, and twice too wide.
  autosize: { type: "none" },
  view: { stroke: null },
  axis: {
    labelColor: colours.ink,
    titleColor: colours.muted,
    gridColor: colours.grid,
    domainColor: colours.line,
    tickColor: colours.line,
    labelFontSize: 12,
    labelOverlap: false,
    titleFontSize: 12,
    titleFontWeight: "normal",
    titlePadding: 8,
  },
  text: { color: colours.ink, fontSize: 12 },
  title: {
    color: colours.ink,
    subtitleColor: colours.muted,
    fontSize: 13,
    fontWeight: "bold",
    subtitleFontSize: 12,
    anchor: "start",
    frame: "group",
  },
};

/** Draws a chart, without a browser: the same spec is the same drawing everywhere. */
export async function chart(spec: ChartSpec): Promise<Drawing> {
  const compiled = compile(spec, { config: looks }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  try {
    const svg = await view.toSVG();
    const size = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg);
    if (!size) throw new Error("vega drew a chart without a size");
    return { content: bare(inside(svg)), width: Number(size[1]), height: Number(size[2]) };
  } finally {
    view.finalize();
  }
}

/** Every mark would be read out, with its numbers; the picture's own description says it better. The font is its, too. */
const bare = (svg: string) => svg.replaceAll(/ (aria-[a-z]+|role|font-family)="[^"]*"/g, "");
