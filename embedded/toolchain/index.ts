/** Builds and fetches, from pinned Go modules, what the embedded control plane and engine are made of. */
export { buildGo, type GoProgram } from "./build-go.ts";
export { cacheDirectory, ensureDirectory } from "./cache.ts";
export { ToolchainError } from "./errors.ts";
export { withLock } from "./lock.ts";
export {
  describeProgress,
  duration,
  type Progress,
  type ProgressListener,
  renderProgress,
  stopwatch,
} from "./progress.ts";
