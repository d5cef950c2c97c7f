import { randomBytes } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { unzstd, unzstdPieces } from "../../edge/attic-double/zstd.ts";

const nar = randomBytes(300_000);
/** As a server packs a NAR: each chunk by itself, whether it becomes smaller or not, and also when it is empty. */
const frames = [nar.subarray(0, 200_000), Buffer.alloc(0), nar.subarray(200_000), Buffer.alloc(70_000, "a")];
const packed = Buffer.concat(frames.map((frame) => zstdCompressSync(frame)));
const whole = Buffer.concat(frames);

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Buffer, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of unzstdPieces(inPieces(bytes, size))) parts.push(part);
  return Buffer.concat(parts);
}

describe("frames that come one after the other", () => {
  test("are unpacked, every one", () => {
    expect(unzstd(packed).equals(whole)).toBe(true);
  });

  test.each([1009, 65_536, packed.length])(
    "are unpacked as they come, in pieces of %i bytes",
    async (size) => {
      expect((await unpacked(packed, size)).equals(whole)).toBe(true);
    },
  );

  test("are told before the next ones are there", async () => {
    const pieces = unzstdPieces(
      (async function* () {
        yield zstdCompressSync(Buffer.from("first"));
        expect.fail("nobody needs to ask for more");
      })(),
    );
    expect(String((await pieces.next()).value)).toBe("first");
  });

  test.each([1, 3, 9, 100])("are an error when the last %i bytes are missing", async (bytes) => {
    const short = packed.subarray(0, -bytes);
    expect(() => unzstd(short)).toThrow("the last frame is cut off");
    await expect(unpacked(short, 65_536)).rejects.toThrow("the last frame is cut off");
  });

  test("are nothing when there is nothing", async () => {
    expect(unzstd(Buffer.alloc(0))).toHaveLength(0);
    expect(await unpacked(Buffer.alloc(0), 1)).toHaveLength(0);
  });

  test("are an error when they are none", () => {
    expect(() => unzstd(Buffer.from("no frames"))).toThrow("no frame at 0");
  });
});
