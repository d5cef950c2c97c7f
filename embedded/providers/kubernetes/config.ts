/** The provider's configuration: the `pulumi:providers:kubernetes` resource's inputs. */
import type { Props } from "../provider.ts";

export interface Settings {
  /** A path or the file's contents. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly clusterIdentifier?: string;
  /** Where objects go that name no namespace. */
  readonly namespace?: string;
  readonly enablePatchForce: boolean;
  readonly upsertExistingObjects: boolean;
  readonly enableConfigMapMutable: boolean;
  readonly enableSecretMutable: boolean;
  readonly deleteUnreachable: boolean;
  /** Milliseconds to keep trying an API server that refuses connections or is overloaded. */
  readonly patience: number;
}

const FLAGS = [
  "enablePatchForce",
  "upsertExistingObjects",
  "enableConfigMapMutable",
  "enableSecretMutable",
  "deleteUnreachable",
] as const;

const ENVIRONMENT: Record<(typeof FLAGS)[number], string> = {
  enablePatchForce: "PULUMI_K8S_ENABLE_PATCH_FORCE",
  upsertExistingObjects: "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
  enableConfigMapMutable: "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
  enableSecretMutable: "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
  deleteUnreachable: "PULUMI_K8S_DELETE_UNREACHABLE",
};

/** Reads the inputs; flags left out come from the official provider's environment variables. */
export function parseSettings(config: Props, env: NodeJS.ProcessEnv): Settings {
  const text = (key: string) => {
    const value = config[key];
    if (value === undefined || value === null || value === "") return undefined;
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  const flags = Object.fromEntries(
    FLAGS.map((flag) => [flag, isTrue(text(flag) ?? env[ENVIRONMENT[flag]])]),
  ) as Record<(typeof FLAGS)[number], boolean>;
  return {
    kubeconfig: text("kubeconfig"),
    context: text("context"),
    cluster: text("cluster"),
    clusterIdentifier: text("clusterIdentifier"),
    namespace: text("namespace"),
    patience: patienceOf(text("kubeClientSettings") ?? "{}"),
    ...flags,
  };
}

const DEFAULT_PATIENCE = 30_000;

/** The official provider's name for it is kubeClientSettings.timeout, in seconds. */
function patienceOf(clientSettings: string): number {
  const { timeout } = JSON.parse(clientSettings) as { timeout?: number | string };
  return Number(timeout) > 0 ? Number(timeout) * 1_000 : DEFAULT_PATIENCE;
}

// SDKs send booleans as JSON text.
function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === "true" || value === "1";
}
