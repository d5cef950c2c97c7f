/**
 * What a stand-in implements: the Pulumi provider protocol over plain JavaScript objects.
 *
 * Values arrive decoded: secrets are bare (the engine marks them again by itself), unknown values are the
 * string {@link import("./struct.ts").UNKNOWN}.
 */

/** A resource's properties, as plain JSON-like values. */
export type Props = Record<string, unknown>;

/** How a property differs; the `-replace` forms make the engine replace the resource. */
export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

/** One call's surroundings: where to report progress, and when to give up. */
export interface Context {
  /** Adds a line to the resource's diagnostics. */
  log(severity: "debug" | "info" | "warning" | "error", message: string): void;
  /** Replaces the resource's one-line progress status; an empty message clears it. */
  status(message: string): void;
  /** Aborted when the user cancels the operation or the engine is gone. */
  readonly signal: AbortSignal;
}

export interface Resource {
  readonly urn: string;
  /** The type token, for example `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** The resource's logical name. */
  readonly name: string;
}

export interface CheckRequest extends Resource {
  readonly olds: Props;
  readonly news: Props;
  /** Same seed, same random choices: a preview and its update then agree on generated names. */
  readonly randomSeed: Uint8Array;
  readonly autonaming?: { readonly proposedName: string; readonly mode: "propose" | "enforce" | "disable" };
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs: Props;
  readonly failures?: readonly CheckFailure[];
}

export interface DiffRequest extends Resource {
  readonly id: string;
  readonly oldInputs: Props;
  readonly oldOutputs: Props;
  readonly news: Props;
  /** Property paths the resource ignores; the engine has already put the old inputs back there. */
  readonly ignoreChanges: readonly string[];
}

export interface DiffResult {
  /** By property path. Empty means no change. */
  readonly detailed: Readonly<Record<string, DiffKind>>;
  readonly deleteBeforeReplace?: boolean;
}

export interface CreateRequest extends Resource {
  readonly news: Props;
  /** Seconds the user allows; 0 when they said nothing. */
  readonly timeout: number;
  readonly preview: boolean;
}

export interface CreateResult {
  readonly id: string;
  readonly outputs: Props;
}

export interface ReadRequest extends Resource {
  readonly id: string;
  /** Inputs of the last update; empty on import. */
  readonly inputs: Props;
  readonly outputs: Props;
}

/** An empty id says that the resource is gone. */
export interface ReadResult {
  readonly id: string;
  readonly inputs: Props;
  readonly outputs: Props;
}

export interface UpdateRequest extends DiffRequest {
  readonly timeout: number;
  readonly preview: boolean;
}

export interface DeleteRequest extends Resource {
  readonly id: string;
  readonly outputs: Props;
  readonly timeout: number;
}

export interface ConfigRequest extends Resource {
  readonly olds: Props;
  readonly news: Props;
}

/** A provider. `name` is the package (`kubernetes`), `version` what the engine shows in `pulumi about`. */
export interface Provider {
  readonly name: string;
  readonly version: string;
  /** What users must know before they believe a result; shown once per run. */
  readonly notice?: string;
  checkConfig?(request: ConfigRequest, context: Context): Promise<CheckResult>;
  diffConfig?(request: ConfigRequest, context: Context): Promise<DiffResult>;
  configure?(config: Props, context: Context): Promise<void>;
  check(request: CheckRequest, context: Context): Promise<CheckResult>;
  diff(request: DiffRequest, context: Context): Promise<DiffResult>;
  create(request: CreateRequest, context: Context): Promise<CreateResult>;
  read(request: ReadRequest, context: Context): Promise<ReadResult>;
  update(request: UpdateRequest, context: Context): Promise<Props>;
  delete(request: DeleteRequest, context: Context): Promise<void>;
  invoke?(token: string, args: Props, context: Context): Promise<Props>;
}
