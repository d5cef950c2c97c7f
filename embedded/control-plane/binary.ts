import { readFileSync } from "node:fs";
import { buildGo, type GoProgram } from "../toolchain/build-go.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { ProgressListener } from "../toolchain/progress.ts";

const moduleDir = import.meta.dirname;

/** The version of Kubernetes that go.mod pins, like "v1.36.3". */
export function kubernetesVersion(goMod: string = readFileSync(`${moduleDir}/go.mod`, "utf8")): string {
  const version = /^\tk8s\.io\/kubernetes (v\d+\.\d+\.\d+)$/m.exec(goMod)?.[1];
  if (version === undefined)
    throw new Error(`${moduleDir}/go.mod does not name a version of k8s.io/kubernetes.`);
  return version;
}

/**
 * The control plane's binary, built if it has to be: the first time 5 to 10 minutes on two cores.
 *
 * @throws ToolchainError when this machine cannot build or run it
 */
export const controlPlaneBinary = (progress?: ProgressListener): Promise<string> =>
  kubernetesBinary({ name: "control-plane", pkg: ".", expectedMinutes: 6, progress });

/**
 * The binary of a real node, kubelet and kube-proxy: a minute more than the control plane, with which it shares most.
 *
 * @throws ToolchainError when this machine cannot build or run it
 */
export const nodeBinary = (progress?: ProgressListener): Promise<string> =>
  kubernetesBinary({ name: "node", pkg: "./node", expectedMinutes: 2, progress });

async function kubernetesBinary(
  program: Pick<GoProgram, "name" | "pkg" | "expectedMinutes" | "progress">,
): Promise<string> {
  if (process.platform !== "linux") {
    throw new ToolchainError(
      `The embedded control plane runs on Linux only; this is ${process.platform}.`,
      "Use a Linux machine, virtual machine or container, or point the program at a cluster you have.",
    );
  }
  const version = kubernetesVersion();
  const [, minor] = version.split(".");
  // Without these, Kubernetes calls itself v0.0.0-master and refuses to start.
  const variables = {
    gitVersion: version,
    gitMajor: "1",
    gitMinor: minor,
    gitCommit: "module",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
  };
  const settings = Object.entries(variables).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  return buildGo({ ...program, moduleDir, ldflags: `-s -w ${settings.join(" ")}`, neededMiB: 3900 });
}
