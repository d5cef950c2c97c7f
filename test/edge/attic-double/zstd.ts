import { zstdDecompressSync } from "node:zlib";

/** Unpacks frames that come one after the other, as a NAR's chunks do; Node unpacks the first alone. */
export function unzstd(bytes: Buffer): Buffer {
  const { unpacked, rest } = wholeFrames(bytes);
  if (rest.length > 0) throw new Error(cutOff);
  return Buffer.concat(unpacked);
}

/** The same for what comes in pieces, of which it holds no more than those of one frame. */
export async function* unzstdPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let left: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const { unpacked, rest } = wholeFrames(Buffer.concat([left, piece]));
    yield* unpacked;
    left = rest;
  }
  if (left.length > 0) throw new Error(cutOff);
}

const cutOff = "the last frame is cut off";

/** The frames that are there to their ends, unpacked, and the beginning of the next one. */
function wholeFrames(bytes: Buffer): { unpacked: Buffer[]; rest: Buffer } {
  const unpacked: Buffer[] = [];
  let at = 0;
  for (let end = endOfFrame(bytes, at); end <= bytes.length; end = endOfFrame(bytes, at)) {
    unpacked.push(zstdDecompressSync(bytes.subarray(at, end)));
    at = end;
  }
  return { unpacked, rest: bytes.subarray(at) };
}

/** RFC 8878, 3.1.1. @returns infinity when not all is there by which it is found */
function endOfFrame(bytes: Buffer, start: number): number {
  if (start + 5 > bytes.length) return Number.POSITIVE_INFINITY;
  if (bytes.readUInt32LE(start) !== 0xfd2fb528) throw new Error(`no frame at ${start}`);
  const descriptor = bytes.readUInt8(start + 4);
  const single = (descriptor >> 5) & 1;
  const sizeBytes = [single, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = start + 5 + (1 - single) + dictionaryBytes + sizeBytes;
  for (;;) {
    if (at + 3 > bytes.length) return Number.POSITIVE_INFINITY;
    const block = bytes.readUIntLE(at, 3);
    const isRepeated = ((block >> 1) & 3) === 1;
    at += 3 + (isRepeated ? 1 : block >> 3);
    if (block & 1) break;
  }
  return at + ((descriptor >> 2) & 1) * 4;
}
