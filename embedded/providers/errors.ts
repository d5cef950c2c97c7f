import type { Props } from "./provider.ts";

/** A failure the user can act on: shown as it is, without a stack. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
}

/**
 * The resource exists but did not become what it should. The engine keeps it in the state, marked as failed, so the
 * next update tries again instead of creating it a second time.
 */
export class InitFailedError extends Error {
  override readonly name = "InitFailedError";
  readonly id: string;
  readonly outputs: Props;
  readonly reasons: readonly string[];

  constructor(id: string, outputs: Props, reasons: readonly string[]) {
    super(reasons.join("\n"));
    this.id = id;
    this.outputs = outputs;
    this.reasons = reasons;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
