import { LocalWorkspace, PulumiCommand, type Workspace } from "@pulumi/pulumi/automation/index.js";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { Deployment } from "./index.ts";
import { deploymentIn } from "./workspace.ts";

/** Opens a stack with the person's own `pulumi`, its login and its backend. */
export async function openOwn(folder: string, stack: string): Promise<Deployment> {
  return deploymentIn(await workspaceIn(folder), stack);
}

/** The stack that is selected in the person's own Pulumi. */
export async function selectedStack(folder: string): Promise<string | undefined> {
  try {
    return (await (await workspaceIn(folder)).stack())?.name;
  } catch {
    // Not logged in, or no `pulumi`: then none is selected, and a stack's name must be given.
    return undefined;
  }
}

async function workspaceIn(folder: string): Promise<Workspace> {
  const pulumiCommand = await PulumiCommand.get().catch((error: Error) => {
    throw new CliError(
      EXIT.failed,
      /ENOENT/.test(error.message)
        ? "there is no `pulumi` on PATH, which knows a stack's state"
        : `the \`pulumi\` on PATH does not fit: ${error.message}`,
      "install it as https://www.pulumi.com/docs/install/ says; stack local needs none after `npm run local`",
    );
  });
  return LocalWorkspace.create({
    workDir: folder,
    pulumiCommand,
    envVars: { PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
}
