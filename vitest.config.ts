import { defineConfig } from "vitest/config";
import ByName from "./test/support/live/by-name.ts";

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/count-reporter.ts"],
    sequence: { sequencer: ByName },
    projects: [
      {
        test: {
          name: "unit",
          // The SDKs are loaded once for all files; no test changes what it imports.
          isolate: false,
          maxWorkers: 2,
          include: ["test/unit/**/*.test.ts", "test/golden/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        // One control plane and one engine serve every file, so the files take turns.
        test: {
          name: "embedded",
          include: ["test/embedded/**/*.test.ts"],
          globalSetup: ["./test/support/control-plane-setup.ts", "./test/support/engine-setup.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        // The pipeline, job by job, against a control plane and an engine of the run's own.
        test: {
          name: "ci",
          include: ["test/ci/**/*.test.ts"],
          globalSetup: ["./test/support/control-plane-setup.ts", "./test/support/engine-setup.ts"],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        // What needs a program that takes minutes to build.
        test: {
          name: "edge",
          include: ["test/edge/**/*.test.ts"],
          globalSetup: ["./test/support/control-plane-setup.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        // Real nodes, where the machine can have them: Linux, root, and Debian's packages.
        test: {
          name: "live",
          include: ["test/live/*.test.ts"],
          globalSetup: ["./test/support/live/machine-setup.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        // What happens to the whole stack on real nodes, one after the other on one stack.
        test: {
          name: "scenarios",
          include: ["test/live/scenarios/*.test.ts"],
          globalSetup: ["./test/support/live/stack-setup.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
});
