import { describe, expect, test } from "vitest";
import { ClusterError, type ClusterProblem } from "../../../../cli/cluster/index.ts";
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

describe("a look that fails", () => {
  const failure = (problem: ClusterProblem) => new ClusterError(problem, `it is ${problem}`, "");
  const failing = (problem: ClusterProblem, times: number) => {
    const { look, looks, ...rest } = world();
    const wait = until(
      rest,
      async () => {
        const count = await look();
        if (count <= times) throw failure(problem);
        return count;
      },
      (seen) => seen > times,
      { timeout: 60_000 },
    );
    return { wait, looks };
  };

  test.each<ClusterProblem>(["unreachable", "unavailable"])(
    "because the API server is %s is taken again",
    async (problem) => {
      expect(await failing(problem, 5).wait).toEqual({ seen: 6, done: true });
    },
  );

  test("for that until the time is over is what the wait ends with", async () => {
    const { wait, looks } = failing("unavailable", Infinity);
    await expect(wait).rejects.toThrow("it is unavailable");
    expect(looks.at(-1)).toBe(61_000);
  });

  test.each<ClusterProblem>(["forbidden", "credentials", "notFound", "unanswered"])(
    "because it is %s ends the wait",
    async (problem) => {
      const { wait, looks } = failing(problem, 1);
      await expect(wait).rejects.toThrow(`it is ${problem}`);
      expect(looks).toHaveLength(1);
    },
  );
});
