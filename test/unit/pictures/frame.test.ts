import { describe, expect, test } from "vitest";
import { frame, inner } from "../../../pictures/frame.ts";

const words = { title: "A < B", lead: ["first", "second"], description: 'says "so" & more' };
const drawing = (width: number) => ({ content: "<path/>", width, height: 100 });
const heightOf = (svg: string) => Number(/height="(\d+)"/.exec(svg)?.[1]);

describe("a picture", () => {
  test("is 800 pixels wide, and has its words as XML has them", () => {
    const svg = frame(words, drawing(100));
    expect(svg).toContain('width="800"');
    expect(svg).toContain('<title id="title">A &lt; B</title>');
    expect(svg).toContain('<desc id="desc">says &quot;so&quot; &amp; more</desc>');
  });

  test("makes a drawing smaller that is too wide, and no other", () => {
    expect(frame(words, drawing(inner * 2))).toContain("scale(0.5)");
    expect(frame(words, drawing(inner))).not.toContain("scale(");
  });

  test("has a drawing that is narrow in its middle", () => {
    expect(frame(words, drawing(inner - 100))).toMatch(/translate\(74,/);
  });

  test("is as much higher as its notes have lines", () => {
    const [none, one, two] = [[], ["a"], ["a", "b"]].map((notes) =>
      heightOf(frame({ ...words, notes }, drawing(1))),
    );
    expect((two ?? 0) - (one ?? 0)).toBe(17);
    expect((one ?? 0) - (none ?? 0)).toBe(31);
  });
});
