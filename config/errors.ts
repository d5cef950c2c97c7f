import { distance } from "fastest-levenshtein";

/** One mistake in a stack's configuration. */
export interface Mistake {
  /** The key as it stands in the file, for instance `attic:api.scaling.minReplicas`. */
  path: string;
  /** The value that was found, already safe to print; undefined when the key is missing. */
  found?: string;
  /** What is wrong and what is allowed. */
  problem: string;
  /** The nearest valid key or value, when one is near. */
  suggestion?: string;
}

/** All that is wrong with one stack's configuration, in one message. */
export class ConfigError extends Error {
  readonly mistakes: Mistake[];

  constructor(source: string, mistakes: Mistake[]) {
    super(renderMistakes(source, mistakes));
    this.name = "ConfigError";
    this.mistakes = mistakes;
  }
}

/**
 * The mistakes as a person reads them.
 * @param source where the configuration came from, for instance `Pulumi.staging.yaml`
 */
export function renderMistakes(source: string, mistakes: Mistake[]): string {
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  const entries = mistakes.map((mistake) => {
    const lines = [`  ${mistake.path}`];
    if (mistake.found !== undefined) lines.push(`    found:   ${mistake.found}`);
    lines.push(`    ${mistake.problem}`);
    if (mistake.suggestion !== undefined) lines.push(`    did you mean ${mistake.suggestion}?`);
    return lines.join("\n");
  });
  return `${source}: ${count} in the configuration\n\n${entries.join("\n\n")}\n`;
}

/** The candidate nearest to a word, when it is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined;
}
