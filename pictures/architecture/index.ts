import type { Recording } from "../../render/record.ts";
import { frame } from "../frame.ts";
import { graph } from "../graph.ts";
import { type Architecture, dot, labels } from "./dot.ts";
import { connections, handedOver, outside } from "./edges.ts";
import { madeParts, shown } from "./parts.ts";
import { steps } from "./steps.ts";

/** What a recorded stack is made of, and who connects to whom. */
export function architecture(recording: Recording): Architecture {
  const parts = madeParts(recording);
  const namespace = shown(recording).find(({ type }) => type.endsWith(":Namespace"))?.name;
  return {
    parts,
    edges: [...outside, ...connections(parts), ...handedOver(parts)],
    steps: steps(recording, parts),
    areas: { state: "Pulumi's state, encrypted", namespace: `namespace ${namespace}`, cloud: "AWS" },
  };
}

/** The whole of a stack on one picture. */
export async function architecturePicture(recording: Recording, stack: string): Promise<string> {
  const drawn = architecture(recording);
  const made = drawn.parts.reduce((sum, part) => sum + part.made.length, 0);
  const last = Math.max(...drawn.steps.values());
  return frame(
    {
      title: "What a stack is made of",
      lead: [
        "Blue arrows open connections, on the port beside them; dashed ones hand over or read. The number at a box is its",
        `step of an update, of ${last}: it is made when what it needs of the lower ones is ready.`,
      ],
      description: describe(drawn),
      notes: [
        `From a recording of the program for stack ${stack}: ${made} resources, each of them in one of the boxes. The arrows within the`,
        "stack are what its network policies and roles allow.",
      ],
    },
    await graph(dot(drawn), labels(drawn)),
  );
}

function describe({ parts, edges, steps, areas }: Architecture): string {
  const name = (id: string) => parts.find((part) => part.id === id)?.name ?? id;
  const boxes = parts.map((part) => {
    const where = part.area === "outside" ? "outside the stack" : areas[part.area];
    const step = steps.get(part.id);
    return `${part.name} (${where}${step ? `, step ${step}` : ""}): ${part.says(part.made)}.`;
  });
  const arrows = edges.map(({ from, to, kind, words }) =>
    kind === "connects"
      ? `${name(from)} connects to ${name(to)}: ${words}.`
      : `${name(from)} to ${name(to)}: ${words}.`,
  );
  return [...boxes, ...arrows].join(" ");
}
