import type { Workspace } from "@pulumi/pulumi/automation/index.js";
import { CommandError, StackNotFoundError } from "@pulumi/pulumi/automation/index.js";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { type Deployment, noState, type StateResource } from "./index.ts";

/** What a workspace of Pulumi's Automation API says of one stack. */
export function deploymentIn(workspace: Workspace, stack: string): Deployment {
  return {
    outputs: () =>
      asking(stack, async () => {
        const outputs = await workspace.stackOutputs(stack);
        return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
      }),
    resources: () =>
      asking(stack, async () => {
        const { deployment } = await workspace.exportStack(stack);
        return (deployment as { resources?: StateResource[] }).resources ?? [];
      }),
  };
}

async function asking<T>(stack: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StackNotFoundError) throw noState(stack);
    if (!(error instanceof CommandError)) throw error;
    throw new CliError(
      EXIT.failed,
      `Pulumi does not tell the state of stack ${stack}:\n${indented(stderrOf(error))}`,
      "the same must work first: pulumi stack output --show-secrets",
    );
  }
}

/** What Pulumi said about an error. Its whole message would show what it printed before, which may be secrets. */
export function stderrOf(error: CommandError): string {
  const { err } = (
    error as unknown as { commandResult: { err?: { stderr?: string; shortMessage?: string } } }
  ).commandResult;
  return err?.stderr || err?.shortMessage || "it ended without a word";
}

const indented = (text: string) => text.trim().replace(/^/gm, "  ");
