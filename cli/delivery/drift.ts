import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { Steps } from "../../embedded/local/terminal/steps.ts";
import { count, table } from "../../embedded/local/terminal/table.ts";
import { stepsOf } from "../../review/steps.ts";
import type { Call } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { type Drifted, type Moved, movedInCluster, movedInDeclaration } from "./drifted.ts";
import { operate } from "./operate.ts";
import { shortName } from "./stored-plan.ts";

/** What `drift` is told. */
export interface DriftOptions {
  only?: Moved;
}

/**
 * `drift`: what is otherwise than it was deployed. Two looks, neither of which changes anything: at the cluster, as a
 * refresh would take it in, and at what is declared now, as an update would bring it. Exit code 4 when there is any.
 */
export async function drift(call: Call<DriftOptions>): Promise<number> {
  const { only } = call.options;
  const stack = await call.open();
  const steps = new Steps(call.say, only ? 1 : 2);
  const look = async (title: string, action: "preview" | "preview-refresh") => {
    const events: EngineEvent[] = [];
    await operate(call, stack, steps, title, {
      action,
      now: call.world.now,
      policies: false,
      onEvent: (_, event) => events.push(event),
    });
    return events;
  };
  const drifted = [
    ...(only === "declared" ? [] : movedInCluster(await look("the cluster", "preview-refresh"))),
    ...(only === "cluster" ? [] : movedInDeclaration(stepsOf(await look("what is declared", "preview")))),
  ];
  const name = shortName(stack);
  call.print({ stack: name, drifted }, () => lines(call, stack, drifted, only));
  return drifted.length === 0 ? EXIT.done : EXIT.refused;
}

function lines(
  { out }: Call,
  stack: OpenedStack,
  drifted: readonly Drifted[],
  only: Moved | undefined,
): string[] {
  const name = shortName(stack);
  if (drifted.length === 0) {
    const looked = { cluster: "as it was deployed", declared: "as it is declared" };
    return [`stack ${name} is ${only ? looked[only] : Object.values(looked).join(", and ")}`];
  }
  const { dim, yellow } = out.colours;
  const head = ["MOVED", "RESOURCE", "PROPERTY", ""].map((word) => dim(word));
  const rows = drifted.map(({ moved, kind, name, property, found }) => [
    moved,
    `${kind} ${name}`,
    property,
    found,
  ]);
  const any = (moved: Drifted["moved"]) => drifted.some((each) => each.moved === moved);
  return [
    ...table([head, ...rows], 0),
    `${count(drifted.length, "difference")} in stack ${name}`,
    ...(any("cluster")
      ? [
          yellow(
            "cluster: somebody changed it there; `atticctl deploy --refresh` takes that back, or declare it",
          ),
        ]
      : []),
    ...(any("declared")
      ? [
          yellow(
            "declared: other code, another stack file, or a token that is due; `atticctl deploy` brings it",
          ),
        ]
      : []),
  ];
}
