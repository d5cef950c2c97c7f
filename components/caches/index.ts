import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { StackConfig } from "../../config/index.ts";
import { nixKeyPair } from "./key-pair.ts";

/** What Caches are made of. */
export interface CachesArgs {
  /** The stack's configuration. */
  config: StackConfig;
  /** Whether Pulumi refuses to delete a cache's key; clients trust what it signed. */
  protect: boolean;
}

/** What a client needs of one cache. */
export interface CacheAddress {
  /** For `substituters`. */
  url: string;
  /** For `trusted-public-keys`. */
  publicKey: string;
}

/**
 * The signing keys of the declared caches, so that clients can be told the public keys before anything was
 * pushed. The caches themselves live in the running server; `atticctl caches sync` makes them there.
 */
export class Caches extends pulumi.ComponentResource {
  /** By the caches' names. */
  readonly addresses: Record<string, pulumi.Output<CacheAddress>>;
  /** What the server is given to sign with, by the caches' names; always a secret. */
  readonly keyPairs: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: CachesArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:caches:Caches", name, {}, options);
    const { config, protect } = args;
    const { substituterEndpoint } = config.server;
    this.addresses = {};
    this.keyPairs = {};
    for (const cache of Object.keys(config.caches)) {
      const key = new tls.PrivateKey(`cache-${cache}`, { algorithm: "ED25519" }, { parent: this, protect });
      const pair = pulumi.secret(key.privateKeyPem).apply((pem) => nixKeyPair(cache, pem));
      this.addresses[cache] = pulumi.unsecret(
        pair.apply(({ publicKey }) => ({ url: `${substituterEndpoint}${cache}`, publicKey })),
      );
      this.keyPairs[cache] = pulumi.secret(pair.apply(({ keyPair }) => keyPair));
    }
    this.registerOutputs({});
  }
}
