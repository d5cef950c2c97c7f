import { describe, expect, test } from "vitest";
import { darkened, darkStyle, palette } from "../../../pictures/palette.ts";

/** The relative luminance of WCAG 2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const surfaces = ["plate", "panel", "mainTint", "mainTint2", "watchTint", "otherTint"] as const;

describe.each(["light", "dark"] as const)("the %s colours", (mode) => {
  test.each(surfaces)("let ink be read on %s", (surface) => {
    expect(contrast(palette.ink[mode], palette[surface][mode])).toBeGreaterThanOrEqual(4.5);
  });

  test.each(["muted", "main", "watch", "other"] as const)("let %s be read on the plate", (colour) => {
    expect(contrast(palette[colour][mode], palette.plate[mode])).toBeGreaterThanOrEqual(4.5);
  });

  test("let muted words be read on a panel", () => {
    expect(contrast(palette.muted[mode], palette.panel[mode])).toBeGreaterThanOrEqual(4.5);
  });

  test("let lines be seen on the plate", () => {
    expect(contrast(palette.line[mode], palette.plate[mode])).toBeGreaterThanOrEqual(3);
  });

  test("are all different, so that one can stand for another", () => {
    const all = Object.values(palette).map((colour) => colour[mode]);
    expect(new Set(all).size).toBe(all.length);
  });
});

test("a dark system's style sheet has a rule for every colour's fill and stroke", () => {
  for (const { light, dark } of Object.values(palette)) {
    expect(darkStyle).toContain(`[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`);
  }
});

test("colours that are not of the palette stay as they are in the dark", () => {
  expect(darkened('<path fill="#123456" stroke="none"/>')).toBe('<path fill="#123456" stroke="none"/>');
});
