/** A colour on a light page and on a dark one. */
interface Colour {
  light: string;
  dark: string;
}

/**
 * The colours of all pictures, by what they are for. A picture is drawn in the light ones; where the reader's system
 * is dark, its own style sheet puts the others in their place. A tint is a surface that ink is written on; a colour by
 * itself is written or drawn on the plate.
 */
export const palette = {
  /** What everything lies on. */
  plate: { light: "#ffffff", dark: "#161b22" },
  /** A surface on the plate. */
  panel: { light: "#f3f5f8", dark: "#1f2630" },
  /** Text. */
  ink: { light: "#1f2a37", dark: "#e6edf3" },
  /** Text that stands back. */
  muted: { light: "#566373", dark: "#9eabb9" },
  /** Edges of surfaces, arrows. */
  line: { light: "#8592a2", dark: "#76838f" },
  /** Lines of a grid. */
  grid: { light: "#dfe4ea", dark: "#2f3843" },
  /** What a picture is about. */
  main: { light: "#1f5fbf", dark: "#7db3ff" },
  mainTint: { light: "#d5e5fb", dark: "#1c3a63" },
  /** The same again, to tell neighbours apart. */
  mainTint2: { light: "#a9c9f5", dark: "#2b548c" },
  /** What to look out for. */
  watch: { light: "#a8500a", dark: "#f2a65a" },
  watchTint: { light: "#fbe0c4", dark: "#523516" },
  /** A second thing. */
  other: { light: "#0f6f63", dark: "#5fcbb7" },
  otherTint: { light: "#cfece6", dark: "#17443d" },
} as const satisfies Record<string, Colour>;

/** The light colours, which pictures are drawn in. */
export const colours = Object.fromEntries(
  Object.entries(palette).map(([name, { light }]) => [name, light]),
) as Record<keyof typeof palette, string>;

/** Fonts of one design and width, one of which is on every machine. */
export const font = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/** The style sheet that puts the dark colours in the light ones' place. */
export const darkStyle = `@media (prefers-color-scheme: dark) {${Object.values(palette)
  .map(({ light, dark }) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`)
  .join("")}}`;

/** A picture as a dark system shows it, for renderers that know no media queries. */
export function darkened(svg: string): string {
  const dark = new Map<string, string>(Object.values(palette).map((colour) => [colour.light, colour.dark]));
  return svg.replaceAll(/(fill|stroke)="(#[0-9a-f]{6})"/g, (whole, attribute: string, colour: string) =>
    dark.has(colour) ? `${attribute}="${dark.get(colour)}"` : whole,
  );
}
