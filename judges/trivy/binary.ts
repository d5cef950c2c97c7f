import { buildGo, type ProgressListener } from "../../embedded/toolchain/index.ts";

/** Measured on two busy cores with what kube-score needs already built; most of its modules are Trivy itself, 500 MB. */
const EXPECTED_MINUTES = 2;

/**
 * Trivy's checks of Kubernetes objects, at the version that go.mod pins, behind the small `main.go` of this folder,
 * built if it has to be.
 *
 * @throws ToolchainError when this machine cannot build it
 */
export function trivyBinary(progress?: ProgressListener): Promise<string> {
  return buildGo({
    name: "trivy-checks",
    moduleDir: import.meta.dirname,
    pkg: ".",
    ldflags: "-s -w",
    expectedMinutes: EXPECTED_MINUTES,
    neededMiB: 1000,
    progress,
  });
}
