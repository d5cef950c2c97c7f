import type { ParsedSettings } from "../schema/index.ts";

/** A rule over several keys. It is asked only when the keys that it needs were valid by themselves. */
export interface Rule {
  /** Paths of the keys that it reads, without the `attic:` in front. */
  needs: string[];
  /** The key that the mistake is reported at. */
  at: string;
  /** The rule in words, for the reference (docs/configuration.md). */
  says: string;
  /** What is wrong and what would be right; undefined when all is well. */
  check(settings: ParsedSettings): string | undefined;
}

/** The message, unless the settings are right. */
export const unless = (right: boolean, message: string) => (right ? undefined : message);
