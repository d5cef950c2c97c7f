import { afterEach, beforeEach } from "vitest";

/** Has the tests of a file left out that come after one that failed: each begins where the one before it ended. */
export function inOrder(): void {
  let failed = "";
  beforeEach(({ skip }) => skip(failed !== "", `“${failed}” failed`));
  afterEach(({ task }) => {
    if (task.result?.state === "fail") failed = task.name;
  });
}
