import type { StackConfig } from "../../config/index.ts";
import { chart } from "../chart.ts";
import { frame } from "../frame.ts";
import { tokensSpec } from "./spec.ts";
import { overlaps, type Validity, validities } from "./validity.ts";

const days = 365;

/** A year of every declared token of a stack: when it is made anew, and when two generations are valid. */
export async function tokensPicture(config: StackConfig, stack: string): Promise<string> {
  const all = validities(config, days);
  return frame(
    {
      title: "A year of tokens",
      lead: [
        `The declared tokens of stack ${stack}, with an update a day. In the shaded days two generations of a token`,
        "are valid: whoever fetches it once in them never has an invalid one.",
      ],
      description: describe(all),
      notes: [`From the rotation calendar of the program (components/tokens) and Pulumi.${stack}.yaml.`],
    },
    await chart(tokensSpec(all, days)),
  );
}

function describe(all: readonly Validity[]): string {
  const tokens = [...new Set(all.map(({ token }) => token))];
  return tokens
    .map((token) => {
      const own = all.filter((each) => each.token === token);
      const spans = own.map(
        ({ generation, from, until }) => `generation ${generation} from day ${from} to ${until}`,
      );
      const both = overlaps(own).map(({ from, until }) => `${from} to ${until}`);
      return `${token}: ${spans.join(", ")}${both.length ? `; both valid on days ${both.join(", ")}` : ""}.`;
    })
    .join(" ");
}
