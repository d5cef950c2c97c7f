import { zstdDecompressSync } from "node:zlib";

/** Unpacks frames that come one after the other, as a NAR's chunks do; Node unpacks the first alone. */
export function unzstd(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = endOfFrame(bytes, at);
    parts.push(zstdDecompressSync(bytes.subarray(at, end)));
    at = end;
  }
  return Buffer.concat(parts);
}

/** RFC 8878, 3.1.1. */
function endOfFrame(bytes: Buffer, start: number): number {
  if (bytes.readUInt32LE(start) !== 0xfd2fb528) throw new Error(`no frame at ${start}`);
  const descriptor = bytes.readUInt8(start + 4);
  const single = (descriptor >> 5) & 1;
  const sizeBytes = [single, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = start + 5 + (1 - single) + dictionaryBytes + sizeBytes;
  for (;;) {
    const block = bytes.readUIntLE(at, 3);
    const isRepeated = ((block >> 1) & 3) === 1;
    at += 3 + (isRepeated ? 1 : block >> 3);
    if (block & 1) break;
  }
  return at + ((descriptor >> 2) & 1) * 4;
}
