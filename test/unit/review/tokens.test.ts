import { describe, expect, test } from "vitest";
import { tokenChanges } from "../../../review/tokens.ts";
import { event, outputsEvent } from "./engine.ts";

const type = "attic:tokens:Tokens";
const calendar = (generation: number, issue = 0) => ({
  calendar: {
    gitlab: {
      kind: "ci",
      generation,
      issue,
      expires: "2027-05-06T07:30:00Z",
      rotates: "2027-04-22T07:30:00Z",
    },
  },
});
const changes = (old?: object, next?: object) => tokenChanges([outputsEvent(type, old, next)]);

describe("the tokens in a plan", () => {
  test("are told with both generations, the new end and the next one's day", () => {
    expect(changes(calendar(1), calendar(2))).toEqual([
      {
        token: "gitlab",
        kind: "ci",
        before: "1",
        after: "2",
        expires: "2027-05-06",
        rotates: "2027-04-22",
      },
    ]);
  });

  test("are told with their issue when one was revoked", () => {
    expect(changes(calendar(1), calendar(1, 1))).toMatchObject([{ before: "1", after: "1.1" }]);
  });

  test("are told when they are new, and when they are gone", () => {
    expect(changes(undefined, calendar(1))).toMatchObject([{ before: undefined, after: "1" }]);
    expect(changes({ calendar: {} }, calendar(1))).toMatchObject([{ before: undefined, after: "1" }]);
    expect(changes(calendar(1), { calendar: {} })).toMatchObject([{ before: "1", after: undefined }]);
    expect(changes(calendar(1), undefined)).toMatchObject([{ before: "1", after: undefined }]);
  });

  test("are told as the engine last does: when the component is done", () => {
    const begins = outputsEvent(type, calendar(1), calendar(1));
    const done = outputsEvent(type, calendar(1), calendar(2));
    const other = outputsEvent("attic:caches:Caches", {}, {});
    expect(tokenChanges([begins, done, other])).toMatchObject([{ before: "1", after: "2" }]);
  });

  test("are not told where it is not known which there were, or which there will be", () => {
    expect(changes({}, calendar(1))).toBeUndefined();
    expect(changes(calendar(1), { calendar: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" })).toBeUndefined();
  });

  test("are none where the plan has none", () => {
    const service = event("kubernetes:core/v1:Service", "attic", { op: "same", old: {}, new: {} });
    expect(tokenChanges([service])).toEqual([]);
    expect(changes({ calendar: {} }, { calendar: {} })).toEqual([]);
  });
});
