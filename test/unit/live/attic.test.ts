import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attic } from "../../../live/attic.ts";
import { run } from "../../../live/run.ts";

describe("what runs in Attic's pods", () => {
  const folder = mkdtempSync(join(tmpdir(), "attic-given-"));
  const program = join(folder, "atticd");
  beforeAll(() => writeFileSync(program, "\x7fELF, one", { mode: 0o755 }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is the program that was given, under a tag that the stack's schema takes for a commit", async () => {
    const { image, is } = await attic(program);
    expect(image.name).toMatch(/^localhost\/attic:[0-9a-f]{40}$/);
    expect(is).toBe(`Attic: ${program}`);
  });

  test("is another image when the program is another, at the same place", async () => {
    const before = (await attic(program)).image.name;
    writeFileSync(program, "\x7fELF, another");
    expect((await attic(program)).image.name).not.toBe(before);
  });

  test("may be an archive of an image, which is told by what is in it and not by its name", async () => {
    const archive = join(folder, "an-image");
    await run("tar", ["--create", `--file=${archive}`, "-C", folder, "atticd"]);
    const { image, is } = await attic(archive);
    expect("write" in image).toBe(true);
    expect(is).toBe(`Attic: the image in ${archive}`);
  });

  test.each([
    ["a compressed archive", gzipSync("an image")],
    ["a script", Buffer.from("#!/bin/sh\nexec atticd\n")],
    ["nothing", Buffer.alloc(0)],
  ])("is not %s, which would be seen only when its pods start", async (_, content) => {
    const file = join(folder, "given");
    writeFileSync(file, content);
    await expect(attic(file)).rejects.toThrow("is neither a program nor an archive of an image");
  });

  test("must be there", async () => {
    await expect(attic(join(folder, "nothing"))).rejects.toThrow(
      `there is no file ${join(folder, "nothing")}`,
    );
    await expect(attic(folder)).rejects.toThrow("there is no file");
  });
});
