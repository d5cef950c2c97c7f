import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backupLifecycle, narLifecycle } from "../../../../components/object-store/lifecycle.ts";

const defaults = { infrequentAccessAfterDays: 30, noncurrentVersionDays: 90 };

const housekeeping = [
  {
    id: "unfinished-uploads",
    status: "Enabled",
    filter: {},
    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
  },
  {
    id: "old-versions",
    status: "Enabled",
    filter: {},
    noncurrentVersionExpiration: { noncurrentDays: 90 },
    expiration: { expiredObjectDeleteMarker: true },
  },
];

describe("the bucket of the NARs", () => {
  test("loses unfinished uploads and old versions, and moves big objects to Infrequent Access", () => {
    expect(narLifecycle(defaults)).toEqual([
      ...housekeeping,
      {
        id: "infrequent-access",
        status: "Enabled",
        filter: { objectSizeGreaterThan: 131_072 },
        transitions: [{ days: 30, storageClass: "STANDARD_IA" }],
      },
    ]);
  });

  test("moves nothing when told never to", () => {
    expect(narLifecycle({ ...defaults, infrequentAccessAfterDays: 0 })).toEqual(housekeeping);
  });
});

test("the bucket of the backups loses the same, and moves nothing", () => {
  expect(backupLifecycle(defaults)).toEqual(housekeeping);
});

test("no current object ever expires, whatever the days", () => {
  const days = fc.record({
    infrequentAccessAfterDays: fc.integer({ min: 0, max: 3650 }),
    noncurrentVersionDays: fc.integer({ min: 1, max: 3650 }),
  });
  fc.assert(
    fc.property(days, (some) => {
      for (const { id, expiration, transitions, filter } of [
        ...narLifecycle(some),
        ...backupLifecycle(some),
      ]) {
        expect(Object.keys(expiration ?? {})).toEqual(
          id === "old-versions" ? ["expiredObjectDeleteMarker"] : [],
        );
        // S3 bills small objects in Infrequent Access as if they were larger.
        if (transitions) expect(filter.objectSizeGreaterThan).toBe(128 * 1024);
      }
    }),
  );
});
