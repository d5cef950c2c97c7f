import { networkPolicies } from "../../components/network/policies.ts";
import type { StackConfig } from "../../config/index.ts";
import { chart } from "../chart.ts";
import { frame } from "../frame.ts";
import { type Cell, cells, sources } from "./matrix.ts";
import { networkSpec } from "./spec.ts";

/** Who may talk to whom in a stack's namespace, into it and out of it. */
export async function networkPicture(config: StackConfig, stack: string): Promise<string> {
  const all = cells(networkPolicies(config));
  return frame(
    {
      title: "Who may talk to whom",
      lead: [
        "A row opens connections, a column is connected to, on the ports in the cell. All else is denied, both ways,",
        "and whoever nobody has thought of (other pod) talks to nobody.",
      ],
      description: describe(all),
      notes: [
        `The NetworkPolicies of stack ${stack}, asked for every pair and port; TCP unless it says udp. Blue: a policy names the peer.`,
        "Orange: it is in a default range, which is every address but those of metadata services; attic:network narrows it.",
        "Blank: neither is the stack's.",
      ],
    },
    await chart(networkSpec(all)),
  );
}

function describe(all: readonly Cell[]): string {
  return sources
    .map(({ name }) => {
      const open = all.filter((cell) => cell.from === name && cell.open.length > 0);
      const to = open.map((cell) => `${cell.to} on ${cell.open.map(({ port }) => port).join(", ")}`);
      return `${name} may connect to ${to.join("; ") || "nobody"}.`;
    })
    .join(" ");
}
