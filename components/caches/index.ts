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
  /** By the caches' names; undefined where this update leaves the key to a later one. */
  readonly addresses: Record<string, pulumi.Output<CacheAddress | undefined>>;
  /** What the server is given to sign with, by the caches' names; always a secret. Undefined as with the addresses. */
  readonly keyPairs: Record<string, pulumi.Output<string | undefined>>;

  constructor(name: string, args: CachesArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:caches:Caches", name, {}, options);
    const { config, protect } = args;
    const { substituterEndpoint } = config.server;
    this.addresses = {};
    this.keyPairs = {};
    for (const cache of Object.keys(config.caches)) {
      const key = new tls.PrivateKey(`cache-${cache}`, { algorithm: "ED25519" }, { parent: this, protect });
      // An update of other resources alone makes no new key, and the engine passes that off as one without a value.
      const pair = pulumi
        .secret(key.privateKeyPem)
        .apply((pem: string | undefined) => (pem === undefined ? undefined : nixKeyPair(cache, pem)));
      this.addresses[cache] = pulumi.unsecret(
        pair.apply((made) => made && { url: `${substituterEndpoint}${cache}`, publicKey: made.publicKey }),
      );
      this.keyPairs[cache] = pulumi.secret(pair.apply((made) => made?.keyPair));
    }
    this.registerOutputs({});
  }
}
