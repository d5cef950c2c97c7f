import { join } from "node:path";
import { expect, test } from "vitest";
import { runGo } from "../../../embedded/toolchain/go.ts";
import { isReal } from "./server.ts";

const moduleDir = join(import.meta.dirname, "../../../live/attic-double");

test.skipIf(isReal)(
  "the double's own tests pass",
  async () => {
    await expect(
      runGo("Testing attic-double", ["test", "-mod=readonly", "./..."], { cwd: moduleDir }),
    ).resolves.toContain("ok");
  },
  600_000,
);
