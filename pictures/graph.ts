import { instance } from "@viz-js/viz";
import { type Drawing, inXml } from "./frame.ts";
import { colours } from "./palette.ts";
import { inside } from "./svg.ts";

/** What is written into a node. */
export interface Label {
  name: string;
  /** A line below the name. */
  says: string;
  /** A number at the node's corner. */
  number?: number | undefined;
}

const size = { name: 12, says: 11, number: 11 } as const;

/** Pixels that a character takes at most, in the widest font: Graphviz cannot know the reader's. */
const wide = { name: 7.7, says: 6.5 } as const;

/** The size of a node that its label fits into, in inches, as Graphviz has it; 72 pixels are one. */
export function nodeSize({ name, says }: Label): { width: number; height: number } {
  const width = Math.max(name.length * wide.name, says.length * wide.says) + 20;
  return { width: width / 72, height: 42 / 72 };
}

interface Layout {
  bb: string;
  objects: { name: string; pos?: string; width?: string; height?: string }[];
}

/**
 * Lays out and draws a graph in the DOT language. Labels are written into its nodes by their ids, which have none of
 * their own.
 * @throws {Error} with Graphviz's complaint
 */
export async function graph(dot: string, labels: ReadonlyMap<string, Label>): Promise<Drawing> {
  const viz = await instance();
  const { bb, objects } = viz.renderJSON(dot) as Layout;
  const [, , width = 0, height = 0] = bb.split(",").map(Number);
  const drawn = inside(viz.renderString(dot, { format: "svg" }))
    .replaceAll(/<!--[\s\S]*?-->\n?/g, "")
    .replaceAll(/ font-family="[^"]*"/g, "")
    .replaceAll(/<title>[\s\S]*?<\/title>\n?/g, "")
    .trim();
  const written = objects.flatMap(({ name, pos = "", width = "0", height: tall = "0" }) => {
    const label = labels.get(name);
    const [x = 0, y = 0] = pos.split(",").map(Number);
    return label ? write(label, x, height - y, Number(width) * 72, Number(tall) * 72) : [];
  });
  return { content: [drawn, ...written].join("\n"), width, height };
}

function write({ name, says, number }: Label, x: number, y: number, width: number, height: number): string[] {
  const text = (words: string, at: number, fontSize: number, style: string) =>
    `<text x="${round(x)}" y="${round(at)}" text-anchor="middle" font-size="${fontSize}" ${style}>${inXml(words)}</text>`;
  const corner = { x: round(x - width / 2), y: round(y - height / 2 + 2) };
  return [
    text(name, y - 3, size.name, `font-weight="bold" fill="${colours.ink}"`),
    text(says, y + 12, size.says, `fill="${colours.ink}"`),
    ...(number === undefined
      ? []
      : [
          `<circle cx="${corner.x}" cy="${corner.y}" r="8.5" fill="${colours.plate}" stroke="${colours.line}"/>`,
          `<text x="${corner.x}" y="${corner.y + 3.8}" text-anchor="middle" font-size="${size.number}" fill="${colours.ink}">${number}</text>`,
        ]),
  ];
}

const round = (value: number) => Math.round(value * 100) / 100;
