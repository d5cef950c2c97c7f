import { Resvg } from "@resvg/resvg-js";
import { darkened } from "./palette.ts";

/** A picture as a light or a dark system shows it, as PNG: for looking at while it is being drawn. */
export function png(svg: string, mode: "light" | "dark"): Buffer {
  const shown = mode === "dark" ? darkened(svg) : svg;
  const background = mode === "dark" ? "#0d1117" : "#ffffff";
  // The widest of the fonts, and the one that a bare Linux has: what fits with it fits with all.
  const font = { sansSerifFamily: "DejaVu Sans", defaultFontFamily: "DejaVu Sans" };
  return new Resvg(shown, { background, font }).render().asPng();
}
