/** Creations that a killed engine never saw the end of: the state tells which, and nobody whether they were done. */
import { CommandError, type Stack } from "@pulumi/pulumi/automation/index.js";
import { nameOf, type Operation, typeOf } from "./events.ts";

interface State {
  pending_operations?: { type: string; resource: { urn: string } }[];
}

/** The creations that a stack's state knows no end of: URNs. */
export async function creationsInDoubt(stack: Pick<Stack, "exportStack">): Promise<string[]> {
  const { deployment } = await stack.exportStack();
  const pending = (deployment as State | undefined)?.pending_operations ?? [];
  return pending.filter(({ type }) => type === "creating").map(({ resource }) => resource.urn);
}

/**
 * What the Kubernetes provider is told when creations are in doubt: what a killed engine has created is there, outside of
 * the state, and would otherwise be refused as somebody else's.
 */
export const takingOver = (doubted: readonly string[]): Record<string, string> =>
  doubted.some((urn) => typeOf(urn).startsWith("kubernetes:"))
    ? { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" }
    : {};

/**
 * Clears the creations that were in doubt before an update, when it has made, or taken over, every one of them. The engine
 * would warn of them for ever: of a creation it takes a person's word alone. One that the program does not declare any
 * more stays in doubt, as what it made may be there and nobody's.
 * @param operation the update, which has succeeded
 * @returns what was done, or is left to do, a sentence each
 */
export async function clearWhatIsDone(
  stack: Pick<Stack, "name" | "refresh">,
  doubted: readonly string[],
  { resources }: Pick<Operation, "resources">,
): Promise<string[]> {
  if (doubted.length === 0) return [];
  const command = `pulumi refresh --clear-pending-creates --stack ${stack.name}`;
  const open = doubted.filter((urn) => resources.get(urn)?.status !== "done");
  if (open.length > 0) {
    return open.map(
      (urn) =>
        `${typeOf(urn)} ${nameOf(urn)} is in doubt: a killed update began to create it, and it is not declared any more. Delete what there is of it, then: ${command}`,
    );
  }
  try {
    // Of the stack itself there is nothing to ask: a refresh of all would take over what others changed.
    const target = [...resources.keys()].filter((urn) => typeOf(urn) === "pulumi:pulumi:Stack");
    await stack.refresh({ clearPendingCreates: true, target, color: "never", suppressOutputs: true });
    return [
      `cleared ${doubted.length} creation(s) that a killed update left in doubt: this one has made them`,
    ];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [`${doubted.length} creation(s) are made, and still noted as in doubt; to clear that: ${command}`];
  }
}
