import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { mirror } from "../../../../live/network-policies/watch.ts";

interface Item {
  metadata: { uid: string; resourceVersion: string };
}
const item = (uid: string, resourceVersion: string): Item => ({ metadata: { uid, resourceVersion } });
const event = (type: string, object: object) => JSON.stringify({ type, object });

/**
 * A server that lists the items that it is given, and answers one watch after the other with the lines of the next
 * script; after the last, whoever follows is told to stop.
 */
async function follow(lists: Item[][], watches: (string[] | Error)[]) {
  const stop = new AbortController();
  const asked: string[] = [];
  const seen: string[][] = [];
  const errors: string[] = [];
  const client = {
    async json<T>(_method: string, _path: string) {
      asked.push("list");
      return { items: lists.shift() ?? [], metadata: { resourceVersion: "10" } } as T;
    },
    async *lines(path: string) {
      asked.push(new URL(path, "http://server").searchParams.get("resourceVersion") as string);
      const script = watches.shift();
      if (watches.length === 0) stop.abort();
      if (script instanceof Error) throw script;
      for (const line of script ?? []) {
        await sleep(0);
        yield line;
      }
    },
  };
  const items = mirror<Item>(
    client,
    "/things",
    () =>
      seen.push((items.items() ?? []).map(({ metadata }) => `${metadata.uid}@${metadata.resourceVersion}`)),
    (error) => errors.push(error.message),
  );
  expect(items.items()).toBeUndefined();
  await items.follow(stop.signal);
  return { asked, seen, errors };
}

describe("a mirror of the API's objects", () => {
  test("has what is listed, and then what changes", async () => {
    const changes = [
      event("ADDED", item("b", "11")),
      event("MODIFIED", item("a", "12")),
      event("DELETED", item("b", "13")),
    ];
    const { seen, errors } = await follow([[item("a", "9")]], [changes, []]);
    expect(errors).toEqual([]);
    expect(seen).toEqual([["a@9"], ["a@9", "b@11"], ["a@12", "b@11"], ["a@12"]]);
  });

  test("goes on where a watch ended, and does not list again", async () => {
    const { asked } = await follow(
      [[]],
      [[event("ADDED", item("a", "11"))], [event("BOOKMARK", { metadata: { resourceVersion: "20" } })], []],
    );
    expect(asked).toEqual(["list", "10", "11", "20"]);
  });

  test("takes a bookmark for no object", async () => {
    const { seen } = await follow([[]], [[event("BOOKMARK", { metadata: { resourceVersion: "20" } })], []]);
    expect(seen).toEqual([[]]);
  });

  test("lists again after the server has forgotten what changed since, and says so", async () => {
    const { asked, seen, errors } = await follow(
      [[item("a", "9")], [item("b", "10")]],
      [[event("ERROR", { message: "too old", metadata: {} })], []],
    );
    expect(errors).toEqual(["/things: too old"]);
    expect(asked).toEqual(["list", "10", "list", "10"]);
    expect(seen).toEqual([["a@9"], ["b@10"]]);
  });

  test("keeps what it has while the server is away", async () => {
    const { seen, errors } = await follow([[item("a", "9")], [item("a", "9")]], [new Error("refused"), []]);
    expect(errors).toEqual(["refused"]);
    expect(seen).toEqual([["a@9"], ["a@9"]]);
  });
});
