import { expect, test } from "vitest";
import type { Cluster, ExecOptions } from "../../../../cli/cluster/index.ts";
import { census } from "../../../../cli/database/census.ts";
import { sendLastLogs } from "../../../../cli/database/last-logs.ts";
import { fakeCluster } from "../cluster.ts";
import { answersCensus } from "./database.ts";

const session = { pod: "attic-pg-1", namespace: "nix-cache" };
const world = { elapsed: () => 0, sleep: async () => {} };

/** A cluster that notes for how many seconds each statement may run. */
function noting(answer: (command: readonly string[]) => string) {
  const limits: ExecOptions["timeout"][] = [];
  const exec: Cluster["exec"] = async (_pod, _container, command, { timeout } = {}) => {
    limits.push(timeout);
    return { code: 0, stdout: answer(command), stderr: "" };
  };
  return { cluster: { ...fakeCluster(), exec }, limits };
}

test("a primary that hangs is found out in a minute, while a large database may be counted for hours", async () => {
  const { cluster, limits } = noting((command) => answersCensus({})(command).stdout);
  await census(cluster, session);
  expect(limits).toEqual([60, 4 * 3600]);
});

test("every statement about the last logs has a minute", async () => {
  const { cluster, limits } = noting((command) =>
    command.at(-1)?.includes("last_archived_wal") ? "t" : "000000010000000000000007",
  );
  await sendLastLogs(world, cluster, session);
  expect(limits).toEqual([60, 60, 60]);
});
