import { buildGo, type ProgressListener } from "../../embedded/toolchain/index.ts";

/** Measured on two busy cores with empty caches, downloading included. */
const EXPECTED_MINUTES = 2;

/**
 * The real kube-score, at the version that go.mod pins, built if it has to be.
 *
 * @throws ToolchainError when this machine cannot build it
 */
export function kubeScoreBinary(progress?: ProgressListener): Promise<string> {
  return buildGo({
    name: "kube-score",
    moduleDir: import.meta.dirname,
    pkg: "github.com/zegl/kube-score/cmd/kube-score",
    ldflags: "-s -w",
    expectedMinutes: EXPECTED_MINUTES,
    neededMiB: 500,
    progress,
  });
}
