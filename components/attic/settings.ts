import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { checksum, keyedChecksum } from "../kubernetes/checksum.ts";
import { labels } from "../kubernetes/labels.ts";
import { resource } from "../kubernetes/resource.ts";
import type { SigningKey } from "../tokens/index.ts";
import { names } from "./names.ts";
import { identity } from "./process.ts";
import { secretValues } from "./secrets.ts";
import { serverToml } from "./server-toml.ts";

/** What the settings are made of. */
export interface AtticSettingsArgs {
  /** The stack's configuration. */
  config: StackConfig;
  /** The key that signs tokens; the server gets its public half. */
  signingKey: SigningKey;
}

/** What Attic's processes read when they start: server.toml in a ConfigMap, and their secrets. */
export class AtticSettings extends pulumi.ComponentResource {
  /** Fingerprints of both, for the pods: a change is a rolling restart. */
  readonly checksums: Record<string, pulumi.Input<string>>;

  constructor(name: string, args: AtticSettingsArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:attic:AtticSettings", name, {}, options);
    const { config, signingKey } = args;
    const toml = serverToml(config);
    const secrets = secretValues(config, signingKey.publicKeyBase64);

    const object = (kind: string, objectName: string, body: object) => {
      const metadata = {
        name: objectName,
        namespace: config.namespace,
        labels: labels(identity("api", config.image)),
      };
      resource({ apiVersion: "v1", kind, metadata, ...body }, { parent: this });
    };
    object("ConfigMap", names.config, { data: { "server.toml": toml } });
    object("Secret", names.secrets, {
      stringData: Object.fromEntries(
        Object.entries(secrets).map(([key, value]) => [key, pulumi.secret(value)]),
      ),
    });

    this.checksums = {
      config: checksum(toml),
      secrets: pulumi.unsecret(
        pulumi
          .all([signingKey.privateKeyPem, pulumi.all(secrets)])
          .apply(([key, values]) => keyedChecksum(key, values)),
      ),
    };
    this.registerOutputs({});
  }
}
