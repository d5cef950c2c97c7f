import { buildGo, type ProgressListener } from "../toolchain/index.ts";

/** Measured on two cores with empty caches; downloading the modules takes another two minutes. */
const EXPECTED_MINUTES = 8;

/**
 * The real Traefik, at the version that go.mod pins, built if it has to be. Tests put it in front of a stub.
 *
 * @throws ToolchainError when this machine cannot build it
 */
export function traefikBinary(progress?: ProgressListener): Promise<string> {
  return buildGo({
    name: "traefik",
    moduleDir: import.meta.dirname,
    pkg: "github.com/traefik/traefik/v3/cmd/traefik",
    ldflags: "-s -w",
    expectedMinutes: EXPECTED_MINUTES,
    progress,
  });
}
