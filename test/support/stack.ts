import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { stringify } from "yaml";
import type { Settings } from "../../config/schema/index.ts";
import { type RunOptions, type RunResult, runEngine } from "../../embedded/engine/engine.ts";
import { chooseProviders, standInNames } from "../../embedded/engine/providers.ts";
import { type EngineDirectory, keptDirectory } from "../../embedded/engine/workspace.ts";
import program from "../../index.ts";
import { sharedControlPlane } from "./control-plane.ts";
import { providerSettings } from "./settings.ts";

const project = join(import.meta.dirname, "../..");

/** The whole program as a stack of its own, on the real engine and the shared API server. */
export interface TestStack {
  /** Runs the engine with these settings; they are what its stack file holds. */
  run(action: RunOptions["action"], settings: Settings, more?: Partial<RunOptions>): Promise<RunResult>;
  /** Removes its folder; the objects are removed by a `destroy`. */
  remove(): void;
}

/** Opens a stack; secrets are not among its settings. */
export function testStack(): TestStack {
  const root = mkdtempSync(join(tmpdir(), "attic-stack-"));
  const projectDir = join(root, "project");
  mkdirSync(projectDir);
  cpSync(join(project, "Pulumi.yaml"), join(projectDir, "Pulumi.yaml"));
  const directory: EngineDirectory = keptDirectory(join(root, "pulumi"));
  let chosen: ReturnType<typeof chooseProviders> | undefined;
  return {
    async run(action, settings, more) {
      const engine = inject("pulumi");
      chosen ??= chooseProviders({ engine, directory, standInsOnly: true });
      const config = Object.fromEntries(
        Object.entries(settings).map(([key, value]) => [`attic:${key}`, value]),
      );
      writeFileSync(
        join(projectDir, "Pulumi.test.yaml"),
        stringify({ config: { ...providerSettings, ...config } }),
      );
      return runEngine({
        engine,
        standIns: standInNames(await chosen),
        action,
        stack: "test",
        projectDir,
        program,
        directory,
        logDir: join(root, "logs"),
        env: { KUBECONFIG: sharedControlPlane().kubeconfig },
        ...more,
      });
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
