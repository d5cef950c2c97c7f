import { colours, darkStyle, font } from "./palette.ts";

/** What is drawn, with its own size. */
export interface Drawing {
  /** SVG elements, drawn from 0, 0. */
  content: string;
  width: number;
  height: number;
}

/** What a picture says in words. */
export interface Words {
  /** One line. */
  title: string;
  /** Lines below the title. */
  lead: readonly string[];
  /** All that is in it, for who cannot see it. */
  description: string;
  /** Lines below the drawing: where it is from, what to bear in mind. @default none */
  notes?: readonly string[];
}

/** Every picture's width in pixels. */
export const width = 800;
const margin = 24;
/** What is left of the width for a drawing. */
export const inner = width - 2 * margin;

const lineHeight = 17;
const size = { title: 18, lead: 13, note: 11.5 } as const;

/**
 * A picture: a plate with a title, a drawing and notes, its words for screen readers, and a style sheet for dark
 * systems. A drawing that is wider than the plate is made smaller, one that is narrower is centred.
 */
export function frame({ title, lead, description, notes = [] }: Words, drawing: Drawing): string {
  const scale = Math.min(1, inner / drawing.width);
  const leadTop = margin + size.title + 6;
  const drawingTop = leadTop + lead.length * lineHeight + 14;
  const notesTop = drawingTop + drawing.height * scale + (notes.length ? 14 : 0);
  const height = Math.ceil(notesTop + notes.length * lineHeight + margin - 6);
  const left = margin + Math.max(0, (inner - drawing.width * scale) / 2);
  const place = `translate(${round(left)},${round(drawingTop)})${scale < 1 ? ` scale(${round(scale)})` : ""}`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc" font-family="${font}">`,
    `<title id="title">${inXml(title)}</title>`,
    `<desc id="desc">${inXml(description)}</desc>`,
    `<style>${darkStyle}</style>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${colours.plate}" stroke="${colours.grid}"/>`,
    text(
      title,
      margin + size.title - 2,
      `font-size="${size.title}" font-weight="bold" fill="${colours.ink}"`,
    ),
    ...lead.map((line, at) =>
      text(line, leadTop + lineHeight * (at + 1) - 4, `font-size="${size.lead}" fill="${colours.muted}"`),
    ),
    `<g transform="${place}" aria-hidden="true">${drawing.content}</g>`,
    ...notes.map((line, at) =>
      text(line, notesTop + lineHeight * (at + 1) - 4, `font-size="${size.note}" fill="${colours.muted}"`),
    ),
    "</svg>",
  ].join("\n")}\n`;
}

const text = (words: string, y: number, style: string) =>
  `<text x="${margin}" y="${round(y)}" ${style}>${inXml(words)}</text>`;

const round = (value: number) => Math.round(value * 100) / 100;

/** Text as it may stand in XML. */
export const inXml = (words: string) =>
  words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
