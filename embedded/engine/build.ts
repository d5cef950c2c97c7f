import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildGo, ToolchainError } from "../toolchain/index.ts";
import { EngineError } from "./errors.ts";
import type { Engine } from "./locate.ts";
import { shortProgress } from "./short-progress.ts";
import { pinnedVersion } from "./versions.ts";

/** Measured on two cores with empty caches and modules already downloaded; downloads add half a minute. */
const EXPECTED_MINUTES = 2;

const MODULE_DIR = fileURLToPath(new URL(".", import.meta.url));
const PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";

/**
 * Builds the engine from the Go module pinned in go.mod, or returns the one built before.
 *
 * @throws EngineError of kind `setup` without a Go toolchain or when a module is not served
 */
export async function buildEngine(progress: (line: string) => void): Promise<Engine> {
  const version = pinnedVersion(readFileSync(`${MODULE_DIR}/go.mod`, "utf8"));
  try {
    const path = await buildGo({
      name: "pulumi",
      moduleDir: MODULE_DIR,
      pkg: PACKAGE,
      // Without this the engine calls itself v3.0.0 and newer language features refuse it.
      ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`,
      expectedMinutes: EXPECTED_MINUTES,
      progress: (state) => progress(shortProgress(state)),
    });
    return { path, version, origin: "built" };
  } catch (error) {
    if (error instanceof ToolchainError) {
      throw new EngineError("setup", `no Pulumi engine: ${error.message}`, {
        hint: `${error.hint}\nOr install Pulumi, so that \`pulumi\` is on PATH: https://www.pulumi.com/docs/install/`,
        cause: error,
      });
    }
    throw error;
  }
}
