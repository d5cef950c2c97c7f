import type { Cluster } from "../../cluster/index.ts";
import type { OpenedStack } from "../../stack.ts";
import type { World } from "../../world.ts";
import type { RestoreEntry } from "./restore-edit.ts";
import type { FileEdit } from "./stack-file.ts";
import type { Writers } from "./writers.ts";

/** One step of a restore. */
export interface Step {
  id: string;
  title: string;
  /** What it does: one sentence each. */
  what: string[];
  /** How long it may take, in words. */
  time: string;
  /** What a person types to have it done. @default "yes" */
  typed?: string;
  /** Whether nobody need be asked, because it changes nothing. */
  harmless?: boolean;
  /** Why there is nothing to do any more; undefined when there is. Looks, and changes nothing. */
  done(): Promise<string | undefined>;
  /** Does it. @returns what came of it */
  run(): Promise<string>;
}

/** What the steps work with. */
export interface Undertaken {
  world: Pick<World, "elapsed" | "sleep">;
  cluster: Cluster;
  stack: OpenedStack;
  entry: RestoreEntry;
  edit: FileEdit;
  /** What the recovery begins with, in words. */
  beginning: string;
  writers: Writers;
  /** Whether logs that did not arrive yet are given up. */
  withoutLastLogs: boolean;
  /** Whether the garbage collector is started at the end. */
  startCollector: boolean;
  /** Refreshes the state and brings up the database, and what migrates it; in a new cluster all but the collector. */
  bringUp(): Promise<void>;
  /** Has Pulumi make the garbage collector. */
  bringUpCollector(): Promise<void>;
  say(line: string): void;
}

/** Milliseconds in an hour: instances are given half of one to stop, one after the other. */
export const hour = 3_600_000;
