import type { Settings, Values } from "./settings.ts";
import type { Stack, Subject } from "./subject.ts";
import { CannotTell } from "./unknown.ts";

/** What a finding does: told, refused, put right and otherwise refused, or not looked for. */
export type Level = "advisory" | "mandatory" | "remediate" | "disabled";

/** All levels, from the least to the most; the engine knows no others. */
export const levels: readonly Level[] = ["disabled", "advisory", "mandatory", "remediate"];

/** One thing that a policy has against a resource. */
export interface Problem {
  /** Path of the field, for instance `spec.replicas`; empty for the resource as a whole. */
  field: string;
  /** What stands there; left out where something is missing. Say it in words where it may be secret. */
  found?: unknown;
  /** What is wrong about it. */
  problem: string;
  /** What to do about it. */
  fix: string;
}

/** A problem and the resource that has it; without one it is about the stack as a whole. */
export interface StackProblem extends Problem {
  resource?: Subject;
}

/** A part that could not be judged, because a value in it is not known yet. */
export interface Undecided {
  undecided: string;
}

interface Common<S extends Settings> {
  /** Lower-case words joined by dashes; the name in configurations and messages. */
  name: string;
  /** One line: what must be so. */
  description: string;
  /** The level where no configuration says otherwise. */
  level: Level;
  /** What a stack can set about it. @default none */
  settings?: S;
}

/** Judges one resource at a time, before it is made. */
export interface ResourcePolicy<S extends Settings = Settings> extends Common<S> {
  scope: "resource";
  /** Kinds of resources that it is about (see `Subject.kind`); all when left out. */
  kinds?: readonly string[];
  check(subject: Subject, settings: Values<S>): Iterable<Problem | Undecided>;
  /**
   * Puts the resource's properties right, in place and touching nothing else. Runs at level `remediate` alone.
   * @returns whether anything had to be changed
   */
  remediate?(subject: Subject, settings: Values<S>): boolean;
}

/** Judges all resources together; in an update only after they were made, so previews must be looked at. */
export interface StackPolicy<S extends Settings = Settings> extends Common<S> {
  scope: "stack";
  check(stack: Stack, settings: Values<S>): Iterable<StackProblem | Undecided>;
}

// Whoever holds policies of all kinds knows nothing of their settings.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Policy = ResourcePolicy<any> | StackPolicy<any>;

/** Declares a policy about single resources. */
export const resourcePolicy = <S extends Settings>(
  policy: Omit<ResourcePolicy<S>, "scope">,
): ResourcePolicy<S> => ({ scope: "resource", ...policy });

/** Declares a policy about a stack. */
export const stackPolicy = <S extends Settings>(policy: Omit<StackPolicy<S>, "scope">): StackPolicy<S> => ({
  scope: "stack",
  ...policy,
});

/**
 * Judges each item by itself, so that a value which is not known yet keeps nobody from judging the others.
 * @param items what to judge; nothing where it is undefined
 */
export function* each<T, P>(
  items: readonly T[] | undefined,
  judge: (item: T, index: number) => Iterable<P | Undecided>,
): Generator<P | Undecided> {
  const count = items?.length ?? 0;
  for (let index = 0; index < count; index++) {
    yield* tell(() => judge(items?.[index] as T, index));
  }
}

/** Judges one part; what cannot be told yet is undecided, and the rest goes on. */
export function* tell<P>(judge: () => Iterable<P | Undecided>): Generator<P | Undecided> {
  try {
    yield* judge();
  } catch (error) {
    if (!(error instanceof CannotTell)) throw error;
    yield { undecided: error.field };
  }
}
