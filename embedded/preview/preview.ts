import { writeFileSync } from "node:fs";
import path from "node:path";
import { type RunOptions, runEngine } from "../engine/engine.ts";
import { locateEngine } from "../engine/locate.ts";
import { chooseProviders, standInNames } from "../engine/providers.ts";
import { discard, throwAwayDirectory } from "../engine/workspace.ts";
import { localPaths, PROJECT_DIR } from "../local/paths.ts";
import { checkConfig, loadProgram } from "../local/session.ts";
import { type PreviewReport, previewReport } from "./report.ts";

export interface PreviewOptions {
  stack: string;
  diff?: boolean;
  policyPack?: string;
  signal?: AbortSignal;
  interrupted?: () => boolean;
  /** Called with a line whenever something slow goes on. */
  progress?: (line: string) => void;
  onOutput?: (text: string) => void;
  onEvent?: RunOptions["onEvent"];
}

/**
 * Previews a stack by the real engine on an empty state: no credentials, no cluster and no passphrase are
 * needed, and nothing is left behind. What it lists is what a first `up` makes.
 *
 * @throws EngineError; of kind `config` for a mistake in the stack's configuration
 */
export async function previewStack(
  options: PreviewOptions,
): Promise<{ report: PreviewReport; operation: Awaited<ReturnType<typeof runEngine>>["operation"] }> {
  const { stack, progress } = options;
  checkConfig(stack);
  const program = loadProgram();
  // Waited for later, while the engine starts; until then a failure has nobody to hear it.
  program.catch(() => {});
  const engine = await locateEngine({ progress });
  const directory = throwAwayDirectory();
  try {
    // Official providers would look for a cluster and for credentials; the stand-ins do without.
    const providers = await chooseProviders({ engine, directory, standInsOnly: true });
    const result = await runEngine({
      ...options,
      engine,
      directory,
      action: "preview",
      projectDir: PROJECT_DIR,
      program,
      standIns: standInNames(providers),
      logDir: localPaths().logs,
      env: { KUBECONFIG: emptyKubeconfig(directory.root) },
    });
    return {
      report: previewReport(stack, result, providers, {
        againstCluster: false,
        policyPack: options.policyPack,
      }),
      operation: result.operation,
    };
  } finally {
    discard(directory);
  }
}

/** Keeps the preview away from whatever cluster the person's own kubeconfig names. */
function emptyKubeconfig(directory: string): string {
  const file = path.join(directory, "no-cluster.yaml");
  writeFileSync(file, "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n");
  return file;
}
