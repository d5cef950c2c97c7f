import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cacheDirectory } from "../toolchain/index.ts";

/** A refused download is tried again after a day. */
const FORGET_AFTER_MS = 24 * 60 * 60 * 1000;

/** Reads whether an attempt was refused within the last day; the answer is the reason. */
export function refusedLately(what: string, now = Date.now()): string | undefined {
  try {
    const { at, reason } = JSON.parse(readFileSync(fileOf(what), "utf8")) as { at: number; reason: string };
    return now - at < FORGET_AFTER_MS && at <= now ? reason : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers that an attempt was refused, so that the next runs do not pay for it again. */
export function rememberRefusal(what: string, reason: string, now = Date.now()): void {
  const file = fileOf(what);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at: now, reason })}\n`);
}

/** Forgets a refusal, after an attempt that succeeded. */
export function forgetRefusal(what: string): void {
  rmSync(fileOf(what), { force: true });
}

function fileOf(what: string): string {
  return cacheDirectory("refusals", `${what.replace(/[^\w.-]+/g, "-")}.json`);
}
