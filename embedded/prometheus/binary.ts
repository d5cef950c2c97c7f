import { buildGo, type ProgressListener } from "../toolchain/index.ts";

/** The two programs that the module has: the server, and the one that checks and tests rules. */
export type PrometheusProgram = "prometheus" | "promtool";

/** Measured on two cores with empty caches: promtool three minutes, Prometheus one more as they share most. */
const EXPECTED_MINUTES = 3;

/**
 * The real Prometheus or its `promtool`, at the version that go.mod pins, built if it has to be. Tests check the
 * emitted rules with them. The discovery of targets in clouds and clusters is left out, a third of all packages.
 *
 * @throws ToolchainError when this machine cannot build it
 */
export function prometheusBinary(program: PrometheusProgram, progress?: ProgressListener): Promise<string> {
  return buildGo({
    name: program,
    moduleDir: import.meta.dirname,
    pkg: `github.com/prometheus/prometheus/cmd/${program}`,
    tags: ["remove_all_sd"],
    ldflags: "-s -w",
    expectedMinutes: EXPECTED_MINUTES,
    progress,
  });
}
