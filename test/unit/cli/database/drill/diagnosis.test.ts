import { describe, expect, test } from "vitest";
import { whyNotReady } from "../../../../../cli/database/drill/diagnosis.ts";
import { fakeCluster } from "../../cluster.ts";
import { instance } from "../database.ts";

/** As the operator's log wraps what PostgreSQL says. */
const fatal = (message: string) =>
  JSON.stringify({ logger: "postgres", record: { error_severity: "FATAL", message } });

describe("a recovery that does not end is explained by its log:", () => {
  test.each([
    [
      "WAL ends before consistent recovery point",
      /log in which the full backup ends is not in the archive yet/,
    ],
    [
      "recovery ended before configured recovery target was reached",
      /nothing was committed after the target/,
    ],
    ["while restoring cluster: no target backup found", /no full backup is older than the target/],
  ])("%s", async (message, meaning) => {
    const cluster = fakeCluster({ objects: [instance()], logs: { "attic-pg-1": fatal(message) } });
    const lines = await whyNotReady(cluster, "nix-cache");
    expect(lines.filter((line) => line.startsWith("attic-pg-1: "))).toEqual([expect.stringMatching(meaning)]);
  });

  test("nothing is made up where the log says nothing known", async () => {
    const cluster = fakeCluster({ objects: [instance()], logs: { "attic-pg-1": fatal("redo starts") } });
    expect(await whyNotReady(cluster, "nix-cache")).toEqual([expect.stringMatching(/^with --keep: /)]);
  });
});
