import { describe, expect, it } from "vitest";
import { count, cut, duration, pad, table, widthOf } from "../../../../embedded/local/terminal/table.ts";

describe("duration", () => {
  it.each([
    [0, "0.0 s"],
    [420, "0.4 s"],
    [9_940, "9.9 s"],
    [9_960, "10 s"],
    [119_400, "119 s"],
    [119_600, "2 min 00 s"],
    [185_000, "3 min 05 s"],
    [5 * 3_600_000 + 7 * 60_000, "5 h 07 min"],
  ])("%i ms: %s", (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

describe("table", () => {
  it("makes each column as wide as its widest cell, without trailing spaces", () => {
    expect(
      table([
        ["Deployment", "attic", "2/2"],
        ["Job", "a", ""],
      ]),
    ).toEqual(["  Deployment  attic  2/2", "  Job         a"]);
  });

  it("does not count colours", () => {
    const green = "\u001b[32mok\u001b[39m";
    expect(widthOf(green)).toBe(2);
    expect(
      table(
        [
          [green, "x"],
          ["long", "y"],
        ],
        0,
      ),
    ).toEqual([`${green}    x`, "long  y"]);
  });
});

describe("cut", () => {
  it("shows that something is missing", () => {
    expect(cut("abcdef", 4)).toBe("abc…");
    expect(cut("abcd", 4)).toBe("abcd");
  });
});

it("pads and counts", () => {
  expect(pad("a", 3)).toBe("a  ");
  expect([count(1, "resource"), count(0, "resource")]).toEqual(["1 resource", "0 resources"]);
});
