import { expect, test } from "vitest";
import { collectorUrn, restoredUrns } from "../../../../../cli/database/restore/targets.ts";

const urn = (rest: string) => ({ urn: `urn:pulumi:production::attic::${rest}`, type: "" });
const store = urn("attic:postgres:Postgres$kubernetes:barmancloud.cnpg.io/v1:ObjectStore::attic-pg");
const account = urn("attic:attic:Attic$kubernetes:core/v1:ServiceAccount::attic-migrate");

test("the Cluster and its migration are brought up, found by what is beside them in the state", () => {
  expect(restoredUrns([store, account])).toEqual([
    "urn:pulumi:production::attic::attic:postgres:Postgres$kubernetes:postgresql.cnpg.io/v1:Cluster::attic-pg",
    "urn:pulumi:production::attic::attic:attic:Attic$kubernetes:batch/v1:Job::attic-migrate",
  ]);
});

test("everything is, where the state has nothing beside them, or only what waits to go", () => {
  expect(restoredUrns([])).toBeUndefined();
  expect(restoredUrns([store])).toBeUndefined();
  expect(restoredUrns([{ ...store, delete: true }, account])).toBeUndefined();
});

test("the garbage collector is found by its account, in the form in which it runs", () => {
  const account = urn("attic:attic:Attic$kubernetes:core/v1:ServiceAccount::attic-gc");
  expect(collectorUrn([store, account], "deployment")).toBe(
    urn("attic:attic:Attic$kubernetes:apps/v1:Deployment::attic-gc").urn,
  );
  expect(collectorUrn([account], "cronJob")).toBe(
    urn("attic:attic:Attic$kubernetes:batch/v1:CronJob::attic-gc").urn,
  );
  expect(collectorUrn([store], "deployment")).toBeUndefined();
});
