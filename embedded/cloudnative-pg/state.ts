import { join } from "node:path";
import type { ProcessIdentity } from "../control-plane/process.ts";
import { living, readJson } from "../control-plane/state.ts";

/** What the stand-in is told; see stand-in/main.go. */
export interface Settings {
  readonly version: string;
  readonly operator: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly server: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly standIn: string;
  readonly webhookSecret: string;
  readonly webhookPort: number;
  readonly owner: ProcessIdentity;
  readonly stopOnStdinEOF: boolean;
}

/** What the stand-in says of itself when the operator is up: the content of ready.json. */
export interface OperatorReadiness extends ProcessIdentity {
  readonly version: string;
  /** From its start until the operator answered. */
  readonly seconds: number;
}

/** Where the operator of a control plane keeps its files: below the control plane's, and wiped with them. */
export function operatorDirectory(stateDir: string): string {
  return join(stateDir, "cloudnative-pg");
}

/** The settings of the last start, if there was one. */
export function readSettings(directory: string): Promise<Settings | undefined> {
  return readJson<Settings>(join(directory, "settings.json"));
}

/** The stand-in that holds a directory, ready or not, if it lives. */
export async function findStandIn(directory: string): Promise<ProcessIdentity | undefined> {
  return living(await readJson<ProcessIdentity>(join(directory, "lock")));
}

/** What the stand-in of a directory says of itself, if it is up and lives. */
export async function findReadyOperator(directory: string): Promise<OperatorReadiness | undefined> {
  return living(await readJson<OperatorReadiness>(join(directory, "ready.json")));
}
