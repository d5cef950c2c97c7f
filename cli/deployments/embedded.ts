import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { hasOwnEncryption } from "../../embedded/engine/stack-file.ts";
import { keptDirectory } from "../../embedded/engine/workspace.ts";
import { localPaths } from "../../embedded/local/paths.ts";
import { type Deployment, embeddedStack, noState } from "./index.ts";
import { deploymentIn } from "./workspace.ts";

/**
 * Opens the stack of `npm run local` with the engine and the state that it keeps. Unlike it, this writes nothing
 * there, so that one may look while it works.
 */
export async function openEmbedded(folder: string): Promise<Deployment> {
  const { engine } = localPaths(join(folder, ".local"));
  const file = `Pulumi.${embeddedStack}.yaml`;
  if (!["bin/pulumi", "passphrase", `workspace/${file}`].every((each) => existsSync(join(engine, each)))) {
    throw noState(embeddedStack);
  }
  const directory = keptDirectory(engine);
  const workspace = await LocalWorkspace.create({
    workDir: directory.workspace,
    pulumiHome: directory.home,
    pulumiCommand: await PulumiCommand.get({ root: directory.root, skipVersionCheck: true }),
    envVars: {
      PULUMI_BACKEND_URL: `file://${directory.backend}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...(!hasOwnEncryption(readFileSync(join(folder, file), "utf8")) && {
        // `undefined` takes the person's own variable, which would win, out of the engine's environment.
        PULUMI_CONFIG_PASSPHRASE: undefined as unknown as string,
        PULUMI_CONFIG_PASSPHRASE_FILE: directory.passphrase,
      }),
    },
  });
  return deploymentIn(workspace, embeddedStack);
}
