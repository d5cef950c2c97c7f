import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureControlPlane, stopControlPlane } from "../../embedded/control-plane/index.ts";
import { renderProgress } from "../../embedded/toolchain/index.ts";

/** What every test file of a run shares; see control-plane.ts for how to use it. */
export interface SharedControlPlane {
  readonly stateDir: string;
  readonly kubeconfig: string;
  readonly kubectl: string;
  readonly server: string;
  /** The control plane's own binary, for a test that starts another one. */
  readonly binary: string;
}

declare module "vitest" {
  interface ProvidedContext {
    controlPlane: SharedControlPlane;
  }
}

/**
 * Runs once before the first test file (vitest `globalSetup`): one control plane with every CRD, in a
 * temporary directory, for all of them. It ends with the run, however the run ends.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateDir = await mkdtemp(join(tmpdir(), "attic-control-plane-"));
  const { listener, end } = renderProgress();
  try {
    const { kubeconfig, kubectl, server, binary } = await ensureControlPlane({
      stateDir,
      dieWithParent: true,
      progress: listener,
    });
    project.provide("controlPlane", { stateDir, kubeconfig, kubectl, server, binary });
  } finally {
    end();
  }
  return async () => {
    await stopControlPlane({ stateDir, wipe: true });
  };
}
