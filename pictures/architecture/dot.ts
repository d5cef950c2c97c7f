import { type Label, nodeSize } from "../graph.ts";
import { colours } from "../palette.ts";
import type { Edge } from "./edges.ts";
import type { Area, MadePart } from "./parts.ts";

/** What a graph is drawn from. */
export interface Architecture {
  parts: readonly MadePart[];
  edges: readonly Edge[];
  /** By part. */
  steps: ReadonlyMap<string, number>;
  /** What the areas are called. */
  areas: Record<Exclude<Area, "outside">, string>;
}

const surface: Record<Area, string> = {
  outside: colours.panel,
  namespace: colours.mainTint,
  cloud: colours.otherTint,
  state: colours.watchTint,
};

/** The picture's rows; the order in them is Graphviz's. */
const rows = [
  ["clients"],
  ["traefik", "prometheus"],
  ["ingress", "api", "gc", "migrations", "rules"],
  ["tokens", "settings", "database", "network"],
  ["cacheKeys", "signingKey", "nars", "backups"],
];

const rowOf = (id: string) => rows.findIndex((row) => row.includes(id));

/** What is written into each box. */
export const labels = ({ parts, steps }: Architecture): Map<string, Label> =>
  new Map(parts.map(({ id, name, says, made }) => [id, { name, says: says(made), number: steps.get(id) }]));

/** The graph in the DOT language. */
export function dot(drawn: Architecture): string {
  const { parts, edges, areas } = drawn;
  const written = labels(drawn);
  const node = ({ id, area }: MadePart) => {
    const { width, height } = nodeSize(written.get(id) as Label);
    return `${id} [width=${width.toFixed(3)} height=${height.toFixed(3)} fillcolor="${surface[area]}"]`;
  };
  const of = (area: Area) => parts.filter((part) => part.area === area).map(node);
  return [
    "digraph {",
    `graph [newrank=true pad=0 nodesep=0.25 ranksep=0.72 bgcolor=transparent fontname=Helvetica fontsize=12 fontcolor="${colours.muted}"]`,
    `node [shape=box style="rounded,filled" fixedsize=true label="" color="${colours.line}" penwidth=0.8]`,
    `edge [fontname=Helvetica fontsize=11 arrowsize=0.7]`,
    ...of("outside"),
    ...(Object.keys(areas) as (keyof typeof areas)[]).map((area) =>
      [
        `subgraph cluster_${area} {`,
        `graph [label=" ${areas[area]} " labeljust=${area === "state" ? "r" : "l"} style=rounded color="${colours.grid}" margin=11]`,
        ...of(area),
        "}",
      ].join("\n"),
    ),
    ...rows.map((ids) => `{ rank=same; ${ids.join("; ")} }`),
    ...edges.map(arrow),
    "}",
  ].join("\n");
}

/** Edges are told to Graphviz downwards, so that its rows are the picture's. */
function arrow({ from, to, kind, words }: Edge): string {
  const look =
    kind === "connects"
      ? `color="${colours.main}" penwidth=1.8 fontcolor="${colours.main}"`
      : `color="${colours.line}" style=dashed fontcolor="${colours.muted}"`;
  const isUp = rowOf(from) > rowOf(to);
  const ends = isUp ? `${to} -> ${from}` : `${from} -> ${to}`;
  return `${ends} [label=" ${words} " ${look}${isUp ? " dir=back" : ""}]`;
}
