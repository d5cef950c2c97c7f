import { type Subject, subject } from "../framework/subject.ts";
import { CannotTell, UNKNOWN } from "../framework/unknown.ts";

/** What stands for an unknown value in the engine's events and in `pulumi preview --json`. */
const NOT_KNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A resource in a step, as far as reviews read it. */
export interface StepState {
  type: string;
  inputs?: Record<string, unknown>;
}

/**
 * A step of the engine: the metadata of an event (`old`, `new`), or an item of `steps` in `pulumi preview --json`
 * (`oldState`, `newState`).
 */
export interface Step {
  op: string;
  urn: string;
  old?: StepState | null;
  new?: StepState | null;
  oldState?: StepState | null;
  newState?: StepState | null;
}

/** One thing that an update would do to a resource. */
export interface Operation {
  /** The engine's word for it: `create`, `update`, `replace`, `delete` and so on. */
  op: string;
  urn: string;
  /** What there is; undefined where the resource is made. */
  before: Subject | undefined;
  /** What there is to be; undefined where the resource is deleted. */
  after: Subject | undefined;
}

/** Takes a step of the engine for review. */
export function operation(step: Step): Operation {
  const { op, urn } = step;
  const state = (from: StepState | null | undefined): Subject | undefined =>
    from
      ? subject({
          urn,
          type: from.type,
          name: urn.slice(urn.lastIndexOf("::") + 2),
          properties: plain(from.inputs ?? {}) as Record<string, unknown>,
        })
      : undefined;
  return { op, urn, before: state(step.old ?? step.oldState), after: state(step.new ?? step.newState) };
}

function plain(value: unknown): unknown {
  if (value === NOT_KNOWN) return UNKNOWN;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plain(child)]));
}

/** Operations after which the resource that there was is gone. */
const LOSING = new Set([
  "delete",
  "replace",
  "create-replacement",
  "delete-replaced",
  "discard",
  "discard-replaced",
  "import-replacement",
  "read-replacement",
]);

/** Whether an operation takes away the resource that there is. */
export const loses = ({ op }: Pick<Operation, "op">): boolean => LOSING.has(op);

/** Whether it makes another one in its place. */
export const replaces = ({ op }: Pick<Operation, "op">): boolean => loses({ op }) && op.includes("replace");

/** A value of both states; undefined where one of the states, or the value, is missing or not known yet. */
export function both<T>(
  { before, after }: Operation,
  read: (subject: Subject) => T | undefined,
): [T, T] | undefined {
  if (!before || !after) return undefined;
  try {
    const [was, is] = [read(before), read(after)];
    return was === undefined || is === undefined ? undefined : [was, is];
  } catch (error) {
    if (error instanceof CannotTell) return undefined;
    throw error;
  }
}
