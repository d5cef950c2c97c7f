import type { CacheAddress } from "../../components/caches/index.ts";
import { nearest } from "../../config/errors.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Deployed } from "../deployed.ts";
import { bringUp } from "../deployments/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { type Retention, retentionOf } from "./retention.ts";

/** What of a cache can be configured while it runs. */
export interface CacheSettings {
  public: boolean;
  priority: number;
  storeDir: string;
  /** In alphabetical order: theirs means nothing to the server or its clients. */
  upstreamKeys: readonly string[];
  retention: Retention;
  /** `name:base64`; clients trust what its other half signed. */
  publicKey: string;
}

/** A cache as the stack declares it. */
export interface DeclaredCache {
  name: string;
  /** For `substituters`. */
  url: string;
  settings: CacheSettings;
  /** What the server signs with: a secret. */
  keyPair: string;
}

/**
 * The names of the caches that a command is about, in the configuration's order.
 * @param only those that were asked for; all of them when there are none
 * @throws CliError for one that is not declared
 */
export function chosenNames(config: StackConfig, only: readonly string[] = []): string[] {
  const all = Object.keys(config.caches);
  const unknown = only.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    const meant = nearest(unknown, all);
    throw new CliError(
      EXIT.notFound,
      `attic:caches declares no ${unknown}`,
      `${meant ? `did you mean ${meant}? ` : ""}declared: ${all.join(", ") || "none"}`,
    );
  }
  return only.length === 0 ? all : all.filter((name) => only.includes(name));
}

/**
 * Caches that the stack's configuration declares, with the keys that its last update made.
 * @throws CliError for one whose key is not made yet
 */
export function declaredCaches(
  stack: string,
  config: StackConfig,
  deployed: Pick<Deployed, "caches" | "cacheKeyPairs">,
  names: readonly string[],
): DeclaredCache[] {
  const { caches, cacheKeyPairs } = deployed;
  const without = names.filter((name) => !Object.hasOwn(caches, name) || !Object.hasOwn(cacheKeyPairs, name));
  if (without.length > 0) {
    throw new CliError(EXIT.notFound, `the stack has no key yet for ${without.join(", ")}`, bringUp(stack));
  }
  return names.map((name) => {
    const declared = config.caches[name] as StackConfig["caches"][string];
    const { url, publicKey } = caches[name] as CacheAddress;
    return {
      name,
      url,
      keyPair: cacheKeyPairs[name] as string,
      settings: {
        public: declared.public,
        priority: declared.priority,
        storeDir: declared.storeDir,
        upstreamKeys: declared.upstreamKeys.toSorted(),
        retention: retentionOf(declared.retention),
        publicKey,
      },
    };
  });
}
