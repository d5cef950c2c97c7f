import { CommandError, type Stack } from "@pulumi/pulumi/automation/index.js";
import { nameOf, type Operation, typeOf } from "./events.ts";

/** What the engine warns of before an update of a stack whose last one was killed. */
const warning = /pending operations? from previous deployment/;

/** The creations that an earlier engine never saw the end of, as an update warned of them: URNs. */
export const creationsInDoubt = ({ diagnostics }: Pick<Operation, "diagnostics">): string[] => {
  const said = diagnostics.find(({ message }) => warning.test(message))?.message ?? "";
  return [...said.matchAll(/\* (urn:\S.*?), interrupted while creating$/gm)].map(([, urn]) => urn as string);
};

/**
 * Clears the creations that an update found in doubt, when it has made, or taken over, every one of them. The engine would
 * warn of them for ever: of a creation it takes a person's word alone. One that the program does not declare any more
 * stays in doubt, as what it made may be there and nobody's.
 * @param operation the update, which has succeeded
 * @returns what was done, or is left to do, a sentence each; empty when nothing was in doubt
 */
export async function clearWhatIsDone(
  stack: Pick<Stack, "name" | "refresh">,
  { diagnostics, resources }: Pick<Operation, "diagnostics" | "resources">,
): Promise<string[]> {
  const doubted = creationsInDoubt({ diagnostics });
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
