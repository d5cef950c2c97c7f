import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { AutoscaledDeployment } from "../autoscaled-deployment/index.ts";
import { checksum, keyedChecksum } from "../kubernetes/checksum.ts";
import { labels } from "../kubernetes/labels.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { resource } from "../kubernetes/resource.ts";
import type { SigningKey } from "../tokens/index.ts";
import { api, apiIdentity } from "./api.ts";
import { names } from "./names.ts";
import { secretValues } from "./secrets.ts";
import { serverToml } from "./server-toml.ts";

/** What an Attic server is made of. */
export interface AtticArgs {
  /** The stack's configuration. */
  config: StackConfig;
  /** The key that signs its tokens. */
  signingKey: SigningKey;
}

/** The Attic server: its configuration, its secrets, and the API that serves Nix clients. */
export class Attic extends pulumi.ComponentResource {
  constructor(name: string, { config, signingKey }: AtticArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:attic:Attic", name, {}, options);
    const toml = serverToml(config);
    const secrets = secretValues(config, signingKey.publicKeyBase64);

    const configMap = this.object("ConfigMap", names.config, config, { data: { "server.toml": toml } });
    const secret = this.object("Secret", names.secrets, config, {
      stringData: Object.fromEntries(
        Object.entries(secrets).map(([key, value]) => [key, pulumi.secret(value)]),
      ),
    });

    new AutoscaledDeployment(
      names.api,
      {
        spec: api(config),
        checksums: {
          config: checksum(toml),
          secrets: pulumi.unsecret(
            pulumi
              .all([signingKey.privateKeyPem, secrets])
              .apply(([key, values]) => keyedChecksum(key, values)),
          ),
        },
      },
      { parent: this, dependsOn: [configMap, secret] },
    );
    this.registerOutputs({});
  }

  private object(
    kind: string,
    name: string,
    { namespace, image }: StackConfig,
    body: object,
  ): pulumi.Resource {
    const metadata = { name, namespace, labels: labels(apiIdentity(image)) };
    const manifest: Manifest = { apiVersion: "v1", kind, metadata, ...body };
    return resource(manifest, { parent: this });
  }
}
