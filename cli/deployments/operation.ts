import type { RunOptions } from "../../embedded/engine/engine.ts";

type FromEngine =
  | "refresh"
  | "plan"
  | "message"
  | "targets"
  | "expectNoChanges"
  | "onEvent"
  | "onRecovered"
  | "signal"
  | "interrupted";

/** One run of the project's program on a stack. */
export interface StackOperation extends Pick<RunOptions, FromEngine> {
  action: "preview" | "up";
  /** The folder with Pulumi.yaml and the stack's file. */
  folder: string;
  /** As Pulumi names it, with an organisation where it has one. */
  stack: string;
  /** The time that the program is told. */
  now: Date;
  /** Environment of the engine and its providers; stack `local` has its own. */
  env: NodeJS.ProcessEnv;
  /** Told in a line what is going on before the engine starts. */
  progress?: (line: string) => void;
}
