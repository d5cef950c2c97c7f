import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { AutoscaledDeployment } from "../autoscaled-deployment/index.ts";
import { annotatePods, annotateServiceAccount } from "../kubernetes/annotate.ts";
import { checksum, keyedChecksum } from "../kubernetes/checksum.ts";
import { labels } from "../kubernetes/labels.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { resource } from "../kubernetes/resource.ts";
import type { SigningKey } from "../tokens/index.ts";
import { api } from "./api.ts";
import { collector } from "./collector.ts";
import { migrations } from "./migrations.ts";
import { names } from "./names.ts";
import { identity } from "./process.ts";
import { secretValues } from "./secrets.ts";
import { serverToml } from "./server-toml.ts";

/** What an Attic server is made of. */
export interface AtticArgs {
  /** The stack's configuration. */
  config: StackConfig;
  /** The key that signs its tokens. */
  signingKey: SigningKey;
  /** The IAM role by which the API and the garbage collector reach the object store. */
  roleArn?: pulumi.Input<string>;
}

/**
 * The Attic server: its configuration and secrets, then the migrations of its database, then the API that serves
 * Nix clients and the garbage collector. Until the migrations are done, the API stays what it was.
 */
export class Attic extends pulumi.ComponentResource {
  constructor(name: string, args: AtticArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:attic:Attic", name, {}, options);
    const { config, signingKey, roleArn } = args;
    const toml = serverToml(config);
    const secrets = secretValues(config, signingKey.publicKeyBase64);
    const checksums = {
      config: checksum(toml),
      secrets: pulumi.unsecret(
        pulumi
          .all([signingKey.privateKeyPem, pulumi.all(secrets)])
          .apply(([key, values]) => keyedChecksum(key, values)),
      ),
    };

    const configMap = this.store("ConfigMap", names.config, config, { data: { "server.toml": toml } });
    const secret = this.store("Secret", names.secrets, config, {
      stringData: Object.fromEntries(
        Object.entries(secrets).map(([key, value]) => [key, pulumi.secret(value)]),
      ),
    });
    const migrated = this.run(migrations(config), [configMap, secret], names.migrations);

    new AutoscaledDeployment(
      names.api,
      { spec: api(config), checksums, roleArn },
      { parent: this, dependsOn: [migrated] },
    );

    const [account, workload] = collector(config) as [Manifest, Manifest];
    annotateServiceAccount(account, roleArn);
    annotatePods(workload, checksums);
    this.run([account, workload], [migrated]);
    this.registerOutputs({});
  }

  private store(
    kind: string,
    name: string,
    { namespace, image }: StackConfig,
    body: object,
  ): pulumi.Resource {
    const metadata = { name, namespace, labels: labels(identity("api", image)) };
    const manifest: Manifest = { apiVersion: "v1", kind, metadata, ...body };
    return resource(manifest, { parent: this });
  }

  /** Makes a ServiceAccount and the workload that runs as it. */
  private run(built: Manifest[], dependsOn: pulumi.Resource[], name?: string): pulumi.Resource {
    const [account, workload] = built as [Manifest, Manifest];
    const identified = resource(account, { parent: this });
    return resource(workload, { parent: this, dependsOn: [...dependsOn, identified] }, name);
  }
}
