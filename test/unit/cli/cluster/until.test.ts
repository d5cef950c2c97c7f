import { expect, test } from "vitest";
import { until } from "../../../../cli/cluster/until.ts";

/** A world in which waiting takes no time, and looking takes some. */
function world(perLook = 0) {
  let time = 1_000;
  const looks: number[] = [];
  return {
    looks,
    elapsed: () => time,
    sleep: async (milliseconds: number) => {
      time += milliseconds;
    },
    look: async () => {
      time += perLook;
      return looks.push(time);
    },
  };
}

test("what is so at once is not waited for", async () => {
  const { look, looks, ...rest } = world();
  expect(await until(rest, look, () => true, { timeout: 0 })).toEqual({ seen: 1, done: true });
  expect(looks).toEqual([1_000]);
});

test("what becomes so is seen at the next look", async () => {
  const { look, ...rest } = world();
  expect(await until(rest, look, (seen) => seen === 3, { timeout: 60_000 })).toEqual({ seen: 3, done: true });
});

test("what never becomes so ends with the time, of which looking takes its part", async () => {
  const { look, looks, ...rest } = world(3_000);
  const { done } = await until(rest, look, () => false, { timeout: 9_000, interval: 2_000 });
  expect(done).toBe(false);
  expect(looks).toEqual([4_000, 9_000]);
});
