import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { darkened, palette } from "../../../pictures/palette.ts";
import { folder, pictures, recording } from "../../../pictures/pictures.ts";

// What takes longest, and what the engine's SDK can do once at a time.
await recording();

const kept = (name: string) => readFileSync(join(folder, `${name}.svg`), "utf8");

describe.each(Object.keys(pictures))("picture %s", (name) => {
  test("is what the program, or what was recorded, draws now; `npm run pictures` draws it anew", async () => {
    expect(existsSync(join(folder, `${name}.svg`))).toBe(true);
    expect(await pictures[name]?.()).toBe(kept(name));
  });

  test("has colours with a dark counterpart, and no other", () => {
    const known = new Set<string>(Object.values(palette).map(({ light }) => light));
    const used = [...kept(name).matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, colour = ""]) => colour);
    expect(used.filter((colour) => !known.has(colour) && !["none", "transparent"].includes(colour))).toEqual(
      [],
    );
  });

  test("tells who cannot see it what is on it", () => {
    const [, title = ""] = /<title id="title">(.+?)<\/title>/.exec(kept(name)) ?? [];
    const [, description = ""] = /<desc id="desc">(.+?)<\/desc>/.exec(kept(name)) ?? [];
    expect(title.length).toBeGreaterThan(5);
    expect(description.length).toBeGreaterThan(200);
    expect(kept(name)).toContain('role="img" aria-labelledby="title desc"');
  });

  test("says nothing twice to a screen reader, and loads nothing", () => {
    expect(kept(name).match(/<title/g)).toHaveLength(1);
    expect(kept(name)).not.toMatch(/aria-label="|<script|<image|href=|@import|url\(http/);
  });

  test("has no text below 10 pixels, whatever it was scaled by", () => {
    const scale = Number(/scale\(([\d.]+)\)/.exec(kept(name))?.[1] ?? 1);
    const sizes = [...kept(name).matchAll(/font-size="([\d.]+)(?:px)?"/g)].map(([, size]) => Number(size));
    expect(sizes.length).toBeGreaterThan(0);
    expect(Math.min(...sizes) * scale).toBeGreaterThanOrEqual(10);
  });

  test("is embedded in a page, with words for when it does not load", () => {
    const docs = join(folder, "..");
    const pages = [...readdirSync(docs).filter((file) => file.endsWith(".md"))].map((file) =>
      readFileSync(join(docs, file), "utf8"),
    );
    expect(pages.some((page) => new RegExp(`!\\[[^\\]]{8,}\\]\\(pictures/${name}\\.svg\\)`).test(page))).toBe(
      true,
    );
  });
});

test("the folder holds the pictures and nothing else", () => {
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(pictures)
      .map((name) => `${name}.svg`)
      .sort(),
  );
});

describe("the dark picture", () => {
  test("has none of the light colours, but for what both have", () => {
    const dark = darkened(kept("network"));
    const left = Object.values(palette).filter(({ light }) => dark.includes(`="${light}"`));
    expect(left).toEqual([]);
  });
});
