import { describe, expect, test } from "vitest";
import type { Cell, End } from "../../../support/live/cells.ts";
import type { Verdict } from "../../../support/live/prober.ts";
import { tryAll } from "../../../support/live/trying.ts";

const node = "10.0.0.9:10250";
const end = (address: string): End => ({ name: address, address });
const cell = (port: number, expected: Cell["expected"]): Cell => ({
  from: end("10.0.0.1"),
  to: end("10.0.0.2"),
  port: { port, protocol: "TCP" },
  expected,
});

/** Tries cells with these answers, one after the other and the last one for ever; and says what was asked each time. */
async function tried(cells: Cell[], ...answers: Record<string, Verdict>[]) {
  const asked: (readonly string[])[] = [];
  const tell = async (targets: readonly string[]) => {
    asked.push(targets);
    return answers[Math.min(asked.length, answers.length) - 1] ?? {};
  };
  await tryAll({ name: "other pod", cells, always: [node], tell }, 0);
  return { asked, verdicts: cells.map(({ verdict }) => verdict) };
}

describe("a source", () => {
  const [to80, to81] = ["10.0.0.2:80", "10.0.0.2:81"];

  test("tries all once when it finds what is expected", async () => {
    const { asked, verdicts } = await tried([cell(80, "open"), cell(81, "closed")], {
      [node]: "open",
      [to80]: "refused",
      [to81]: "silent",
    });
    expect(asked).toEqual([[node, to80, to81]]);
    expect(verdicts).toEqual(["refused", "silent"]);
  });

  test("tries again what should have passed, and what came to an error", async () => {
    const { asked, verdicts } = await tried(
      [cell(80, "open"), cell(81, "closed")],
      { [node]: "open", [to80]: "silent", [to81]: "network is unreachable" },
      { [to80]: "open", [to81]: "silent" },
    );
    expect(asked).toEqual([
      [node, to80, to81],
      [to80, to81],
    ]);
    expect(verdicts).toEqual(["open", "silent"]);
  });

  test("does not try again what passed and should not: once is too often", async () => {
    const { asked, verdicts } = await tried([cell(81, "closed")], { [node]: "open", [to81]: "open" });
    expect(asked).toHaveLength(1);
    expect(verdicts).toEqual(["open"]);
  });

  test("leaves off after a while, with the verdict of its last try", async () => {
    const { asked, verdicts } = await tried([cell(80, "open")], { [node]: "open" });
    expect(asked).toHaveLength(6);
    expect(verdicts).toEqual(["not told"]);
  });

  test("may reach its own node late", async () => {
    const late = { [to81]: "silent" };
    const { asked } = await tried([cell(81, "closed")], { ...late, [node]: "silent" }, { [node]: "refused" });
    expect(asked).toEqual([[node, to81], [node]]);
  });

  test("whose every packet is lost is an error, and not a source to which all is closed", async () => {
    await expect(tried([cell(81, "closed")], { [node]: "silent", [to81]: "silent" })).rejects.toThrow(
      "other pod does not reach 10.0.0.9:10250, which no policy can forbid: what else it does not reach says nothing",
    );
  });
});
