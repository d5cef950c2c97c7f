import type { RunResult } from "../../embedded/engine/engine.ts";
import type { Override } from "./freeze.ts";
import type { Planned } from "./planned.ts";
import type { Source } from "./source.ts";

/** What was done to a stack, as `deploy.json` has it. No secret is in it. */
export interface DeploymentRecord {
  command: string;
  stack: string;
  commit: string | null;
  /** Tracked files that differed from the commit. */
  changed: string[];
  stackFileDigest: string;
  /** The time that the program was told, ISO 8601. */
  now: string;
  /** What the stack's history says of it. */
  message: string;
  /** Digest of the preview. */
  digest: string;
  /** How many resources by operation. */
  changes: Record<string, number>;
  /** Of the update itself. */
  milliseconds: number;
  /** Why a freeze was overridden; null when none was. */
  override: string | null;
  /** Whether the stack was found well afterwards; null when nobody looked. */
  verified: boolean | null;
}

/** The record of an update. */
export function recordOf(done: {
  command: string;
  stack: string;
  source: Source;
  now: Date;
  message: string;
  planned: Pick<Planned, "digest">;
  result: Pick<RunResult, "changes" | "milliseconds">;
  override?: Override;
}): DeploymentRecord {
  const { command, stack, source, now, message, planned, result, override } = done;
  return {
    command,
    stack,
    ...source,
    now: now.toISOString(),
    message,
    digest: planned.digest,
    changes: { ...result.changes },
    milliseconds: result.milliseconds,
    override: override?.reason ?? null,
    verified: null,
  };
}
