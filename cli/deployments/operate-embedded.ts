import { join } from "node:path";
import type { RunResult } from "../../embedded/engine/engine.ts";
import { usedProviders } from "../../embedded/engine/providers.ts";
import { writeLastUp } from "../../embedded/local/last-up.ts";
import { localPaths, POLICIES } from "../../embedded/local/paths.ts";
import { loadProgram, openSession, runLocal } from "../../embedded/local/session.ts";
import { readStatus, whyNotRunning } from "../../embedded/local/status.ts";
import { masked } from "../../embedded/local/summary.ts";
import { withLock } from "../../embedded/toolchain/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { bringUp, embeddedStack } from "./index.ts";
import type { StackOperation } from "./operation.ts";

/** Runs the program on the stack of `npm run local`, by its engine and its stand-ins, with its state. */
export async function operateEmbedded({
  folder,
  now,
  env,
  progress = () => {},
  policies = true,
  ...operation
}: StackOperation): Promise<RunResult> {
  const paths = localPaths(join(folder, ".local"));
  const running = await readStatus(paths);
  if (!running) throw new CliError(EXIT.notFound, await whyNotRunning(paths), bringUp(embeddedStack));
  const waits = () => progress("another command is at work on stack local: waiting for it to end");
  return withLock(paths.lock, waits, async () => {
    const program = await loadProgram();
    const local = await openSession(paths, progress);
    const result = await runLocal(local, operation.action, {
      ...operation,
      kubeconfig: running.kubeconfig,
      paths,
      projectDir: folder,
      program: () => program(now),
      // The rest is of the person's own Pulumi: another backend, another cluster.
      env: env.PULUMI_K8S_ENABLE_PATCH_FORCE
        ? { PULUMI_K8S_ENABLE_PATCH_FORCE: env.PULUMI_K8S_ENABLE_PATCH_FORCE }
        : {},
      policyPack: policies ? POLICIES : undefined,
    });
    if (operation.action === "up") {
      writeLastUp(paths, {
        outputs: masked(result.outputs),
        providers: usedProviders(local.providers, result.operation),
      });
    }
    return result;
  });
}
