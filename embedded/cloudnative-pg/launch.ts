import { readFile, readlink, realpath } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { kubeClient } from "../control-plane/index.ts";
import type { Readiness } from "../control-plane/state.ts";
import { crdSets } from "../toolchain/crd-sets.ts";
import { ensureCrds } from "../toolchain/crds.ts";
import type { ProgressListener } from "../toolchain/index.ts";
import { type Binaries, operatorModule, operatorVersion } from "./binaries.ts";
import { applyAll, awaitWebhooks, requestToken } from "./install.ts";
import { installation, type KubeObject, names, operatorCommand, standIn } from "./manifest.ts";
import { freePort, isReady } from "./ports.ts";
import { PortTakenError, prepareDirectory, startStandIn } from "./start.ts";
import { findReadyOperator, type OperatorReadiness, readSettings, type Settings } from "./state.ts";
import { endProcesses, forgetWebhooks } from "./stop.ts";

/** What an operator is launched from. */
export interface Launch {
  readonly controlPlane: Readiness;
  readonly stateDir: string;
  /** The operator's own, below the state directory. */
  readonly directory: string;
  readonly binaries: Binaries;
  readonly manifest: readonly KubeObject[];
  readonly dieWithParent: boolean;
  readonly progress?: ProgressListener;
}

/** The operator that runs, if it is what a launch would start and answers. */
export async function findUsable(launch: Launch): Promise<OperatorReadiness | undefined> {
  const { directory, binaries } = launch;
  const [ready, settings] = [await findReadyOperator(directory), await readSettings(directory)];
  if (ready === undefined || settings === undefined) return undefined;
  const wanted = { ...settingsOf(launch, settings.webhookPort), stopOnStdinEOF: settings.stopOnStdinEOF };
  const sameBinary =
    (await readlink(`/proc/${ready.pid}/exe`).catch(() => "")) === (await realpath(binaries.standIn));
  const usable = sameBinary && isDeepStrictEqual(settings, wanted) && (await isReady(settings.webhookPort));
  return usable ? ready : undefined;
}

/**
 * Installs the operator and starts it, until the API server reaches its webhooks. After an error nothing of it runs,
 * and no webhook stays behind.
 *
 * @throws ToolchainError, KubeError or Error
 */
export async function launchOperator(launch: Launch): Promise<OperatorReadiness> {
  const before = await readSettings(launch.directory);
  await ensureCrds({
    kubeconfig: launch.controlPlane.kubeconfig,
    sets: crdSets.filter(({ module }) => module === operatorModule),
    progress: launch.progress,
  });
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptLaunch(launch, await freePort(attempt === 1 ? before?.webhookPort : undefined));
    } catch (error) {
      await endProcesses(launch.stateDir);
      await forgetWebhooks(launch.stateDir);
      if (!(error instanceof PortTakenError) || attempt === 3) throw error;
    }
  }
}

async function attemptLaunch(launch: Launch, webhookPort: number): Promise<OperatorReadiness> {
  const { controlPlane, directory, binaries, manifest, dieWithParent, progress } = launch;
  const client = await kubeClient(controlPlane.kubeconfig);
  try {
    await applyAll(client, installation(manifest, webhookPort));
    const [operatorToken, standInToken] = await Promise.all([
      requestToken(client, names.serviceAccount),
      requestToken(client, standIn),
    ]);
    const authority = await authorityOf(controlPlane.kubeconfig);
    const settings = settingsOf(launch, webhookPort);
    await prepareDirectory(directory, settings, { authority, operatorToken, standInToken });
    const ready = await startStandIn(binaries.standIn, directory, dieWithParent, progress);
    await awaitWebhooks(client);
    return ready;
  } finally {
    client.close();
  }
}

function settingsOf(
  { controlPlane, binaries, manifest, dieWithParent }: Launch,
  webhookPort: number,
): Settings {
  const { pid, startTime, server } = controlPlane;
  return {
    version: operatorVersion(),
    operator: binaries.operator,
    ...operatorCommand(manifest),
    server,
    namespace: names.namespace,
    serviceAccount: names.serviceAccount,
    standIn,
    webhookSecret: names.webhookSecret,
    webhookPort,
    owner: { pid, startTime },
    stopOnStdinEOF: dieWithParent,
  };
}

/** The certificate of the authority that a kubeconfig trusts, as PEM. */
async function authorityOf(kubeconfig: string): Promise<string> {
  const { clusters } = parse(await readFile(kubeconfig, "utf8")) as {
    clusters: [{ cluster: { "certificate-authority-data": string } }];
  };
  return Buffer.from(clusters[0].cluster["certificate-authority-data"], "base64").toString();
}
