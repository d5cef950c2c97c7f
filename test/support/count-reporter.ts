import type { Reporter, TestModule } from "vitest/node";

/**
 * Closes a run with one plain line, `N passed, N failed[, N skipped]`, that a pipeline can read without
 * knowing vitest. A test file that could not be loaded counts as one failure, and so does each group of tests whose
 * `beforeAll` or `afterAll` failed: its tests do not say so, they are skipped or have passed.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      for (const group of [module, ...module.children.allSuites()]) {
        if (group.errors().length > 0) count.failed++;
      }
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === "passed" || state === "failed" || state === "skipped") count[state]++;
      }
    }
    // After every other reporter's own summary.
    process.once("exit", () => {
      const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
      process.stdout.write(`\n${count.passed} passed, ${count.failed} failed${skipped}\n`);
    });
  }
}
