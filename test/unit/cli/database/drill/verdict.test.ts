import fc from "fast-check";
import { expect, test } from "vitest";
import { type Census, censusWords, counting, readCensus } from "../../../../../cli/database/census.ts";
import { allowedLag, lagOf, verdict } from "../../../../../cli/database/drill/verdict.ts";

const rows = { cache: 1, object: 5, nar: 5, chunk: 9, chunkref: 9, seaql_migrations: 15 };
const census = (newest: string | undefined, more: Partial<Census> = {}): Census => ({
  at: new Date("2026-11-21T10:00:00Z"),
  rows,
  newest: newest === undefined ? undefined : new Date(newest),
  ...more,
});
const failures = (...[findings]: Parameters<typeof verdict>) =>
  verdict(findings)
    .filter(({ ok }) => !ok)
    .map(({ what }) => what);
const latest = { kind: "latest" } as const;

test("a database that is all there passes", () => {
  const live = census("2026-11-21T09:00:00Z");
  expect(failures({ target: latest, restored: live, live })).toEqual([]);
});

test("it may be as old as logs take to arrive, and no older", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 * allowedLag }), (lag) => {
      const newest = new Date("2026-11-21T09:00:00Z");
      const restored = census(new Date(newest.getTime() - lag * 1000).toISOString());
      const live = census(newest.toISOString());
      expect(lagOf(restored, live)).toBe(lag);
      expect(failures({ target: latest, restored, live })).toEqual(
        lag <= allowedLag ? [] : ["newest object"],
      );
    }),
  );
});

test("a missing table, and one that came back empty, are told", () => {
  const live = census("2026-11-21T09:00:00Z");
  const { chunk: _, ...without } = rows;
  const restored = census("2026-11-21T09:00:00Z", { rows: { ...without, nar: 0 } });
  expect(failures({ target: latest, restored, live })).toEqual(["schema", "rows of nar", "rows of chunk"]);
});

test("an empty database instead of a full one fails", () => {
  const restored = census(undefined, { rows: { ...rows, object: 0 } });
  expect(failures({ target: latest, restored, live: census("2026-11-21T09:00:00Z") })).toEqual([
    "rows of object",
    "newest object",
  ]);
});

test("an empty database that was empty passes", () => {
  const empty = census(undefined, { rows: { ...rows, object: 0 } });
  expect(failures({ target: latest, restored: empty, live: empty })).toEqual([]);
});

test("nothing may come back from after the target", () => {
  const time = new Date("2026-11-21T08:00:00Z");
  const restored = census("2026-11-21T08:00:01Z");
  expect(failures({ target: { kind: "time", time }, restored, live: undefined })).toEqual(["target"]);
});

test("without a live database the schema is still held to what it must be", () => {
  expect(failures({ target: latest, restored: census(undefined, { rows: {} }), live: undefined })).toEqual([
    "schema",
  ]);
});

test("a census asks for the tables that are there alone, and reads the answer", () => {
  expect(counting(["cache", "object"])).not.toContain("chunk");
  expect(counting(["cache"])).toContain("'newest', NULL");
  expect(counting(["object"], new Date("2026-11-20T10:30:00Z"))).toContain(
    "WHERE created_at <= timestamptz '2026-11-20T10:30:00.000Z'",
  );
  const answer = `{"at" : "2026-11-21T11:00:00.5+01:00", "rows" : {"cache" : 1}, "newest" : null}`;
  expect(readCensus(answer)).toEqual({
    at: new Date("2026-11-21T10:00:00.500Z"),
    rows: { cache: 1 },
    newest: undefined,
  });
  expect(() => readCensus("ERROR")).toThrow(/something else/);
});

test("a census in words", () => {
  expect(censusWords(census("2026-11-21T09:00:00Z"))).toBe(
    "1 cache, 5 objects, 5 NARs, 9 chunks; the newest object is of 2026-11-21T09:00:00.000Z",
  );
  expect(censusWords(census(undefined, { rows: {} }))).toContain("0 chunks; no object");
});
