import type { CacheConfig, CachePatch, NewCache } from "../attic-api/index.ts";
import type { CacheSettings, DeclaredCache } from "./declared.ts";

/** Something of a cache that is not as the stack declares it. */
export interface Difference {
  setting: keyof CacheSettings;
  server: CacheSettings[keyof CacheSettings];
  declared: CacheSettings[keyof CacheSettings];
}

/** What is to be done to one cache. */
export interface CachePlan {
  name: string;
  /** Whether the stack declares it. */
  declared: boolean;
  /** What the first of its writes does; `none` when there is none. */
  action: "none" | "create" | "configure" | "destroy";
  /** Everything that differs on the server; for a cache that is not there, nothing. */
  differences: Difference[];
  /** Whether the server signs with another key than the declared one, and is left to. */
  keyLeft: boolean;
  /** In this order. */
  writes: Write[];
}

/** One request that changes the server. Holds the key pair where it is to be set. */
export type Write =
  | { kind: "create"; cache: NewCache }
  | { kind: "configure"; patch: CachePatch }
  | { kind: "destroy" };

/** A cache of the server in the words of the configuration. */
export function settingsOnServer(found: CacheConfig): CacheSettings {
  const { retention_period: retention } = found;
  return {
    public: found.is_public,
    priority: found.priority,
    storeDir: found.store_dir,
    upstreamKeys: found.upstream_cache_key_names.toSorted(),
    retention: retention === "Global" ? "default" : retention.Period,
    publicKey: found.public_key,
  };
}

/** Everything that differs between a declared cache and the one of the server. */
export function differences(declared: DeclaredCache, found: CacheConfig): Difference[] {
  const server = settingsOnServer(found);
  return (Object.keys(declared.settings) as (keyof CacheSettings)[])
    .map((setting) => ({ setting, server: server[setting], declared: declared.settings[setting] }))
    .filter(({ server, declared }) => JSON.stringify(server) !== JSON.stringify(declared));
}

/**
 * What makes the server's cache as it is declared.
 * @param found undefined when the server has none
 * @param rekey whether a key that differs is changed, too
 */
export function planCache(
  declared: DeclaredCache,
  found: CacheConfig | undefined,
  rekey: boolean,
): CachePlan {
  if (!found) return { ...nothing(declared.name, true), action: "create", writes: creation(declared) };
  const differ = differences(declared, found);
  const rekeys = differ.some(({ setting }) => setting === "publicKey");
  const changed = differ.map(({ setting }) => setting).filter((setting) => rekey || setting !== "publicKey");
  return {
    ...nothing(declared.name, true),
    action: changed.length > 0 ? "configure" : "none",
    differences: differ,
    keyLeft: rekeys && !rekey,
    writes: changed.length > 0 ? [{ kind: "configure", patch: patchOf(declared, changed) }] : [],
  };
}

/** What takes a cache that is not declared off the server. */
export function planDestruction(name: string, found: CacheConfig | undefined): CachePlan {
  const plan = nothing(name, false);
  return found ? { ...plan, action: "destroy", writes: [{ kind: "destroy" }] } : plan;
}

const nothing = (name: string, declared: boolean): CachePlan => ({
  name,
  declared,
  action: "none",
  differences: [],
  keyLeft: false,
  writes: [],
});

/** The server takes no retention with a new cache; until it is configured, it is the default. */
function creation(declared: DeclaredCache): Write[] {
  const { retention_period, ...cache } = whole(declared);
  const writes: Write[] = [{ kind: "create", cache }];
  if (retention_period !== "Global") writes.push({ kind: "configure", patch: { retention_period } });
  return writes;
}

/** What the server calls each setting. */
const wireNames = {
  public: "is_public",
  priority: "priority",
  storeDir: "store_dir",
  upstreamKeys: "upstream_cache_key_names",
  retention: "retention_period",
  publicKey: "keypair",
} as const satisfies Record<keyof CacheSettings, keyof CachePatch>;

function patchOf(declared: DeclaredCache, settings: readonly (keyof CacheSettings)[]): CachePatch {
  const all = whole(declared);
  return Object.fromEntries(settings.map((setting) => [wireNames[setting], all[wireNames[setting]]]));
}

/** All that is declared, as the server takes it. */
function whole({ settings, keyPair }: DeclaredCache): Required<CachePatch> {
  const { retention } = settings;
  return {
    keypair: { Keypair: keyPair },
    is_public: settings.public,
    store_dir: settings.storeDir,
    priority: settings.priority,
    upstream_cache_key_names: settings.upstreamKeys,
    retention_period: retention === "default" ? "Global" : { Period: retention },
  };
}
