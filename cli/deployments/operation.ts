import type { RunOptions } from "../../embedded/engine/engine.ts";

type FromEngine =
  | "refresh"
  | "plan"
  | "message"
  | "targets"
  | "except"
  | "expectNoChanges"
  | "onEvent"
  | "onRecovered"
  | "signal"
  | "interrupted";

/** One run of the project's program on a stack. */
export interface StackOperation extends Pick<RunOptions, FromEngine> {
  /** `preview-refresh` finds out what a refresh of the state would, and runs no program. */
  action: "preview" | "up" | "preview-refresh";
  /** The folder with Pulumi.yaml and the stack's file. */
  folder: string;
  /** As Pulumi names it, with an organisation where it has one. */
  stack: string;
  /** The time that the program is told. */
  now: Date;
  /** Whether the project's policies judge it. @default true */
  policies?: boolean;
  /** Environment of the engine and its providers; of it, stack `local` takes only what it has no own for. */
  env: NodeJS.ProcessEnv;
  /** Told in a line what is going on before the engine starts. */
  progress?: (line: string) => void;
}
