import * as pulumi from "@pulumi/pulumi";
import { clientConfiguration } from "./components/attic/client-configuration.ts";
import { Attic, AtticSettings } from "./components/attic/index.ts";
import { names, partOf } from "./components/attic/names.ts";
import { Caches } from "./components/caches/index.ts";
import { Ingress } from "./components/ingress/index.ts";
import { restrictedNamespace } from "./components/kubernetes/namespace.ts";
import { resource } from "./components/kubernetes/resource.ts";
import { Network } from "./components/network/index.ts";
import { ObjectStore } from "./components/object-store/index.ts";
import { Observability } from "./components/observability/index.ts";
import { auditRetention } from "./components/observability/logs.ts";
import { Operators, operatorApis } from "./components/operators/index.ts";
import { databaseHosts, Postgres } from "./components/postgres/index.ts";
import { refusals, SigningKey, Tokens } from "./components/tokens/index.ts";
import { stackConfig } from "./config/index.ts";

/**
 * The program: one stack of Attic. It is a function, so that the Pulumi CLI, the Automation API, the renderer
 * and the tests all run the same one.
 * @param now the time of the update, which is read nowhere else: by it tokens are made anew and revocations end
 * @returns the stack's outputs
 */
export default async function attic(now = new Date()): Promise<Record<string, unknown>> {
  const config = stackConfig();
  const protect = config.deletionProtection;

  const apis = operatorApis(config);
  const namespace = resource(restrictedNamespace(config.namespace, partOf), {
    protect,
    // Kubernetes deletes a namespace with all that it holds, the database that Pulumi has let go of included.
    retainOnDelete: protect,
    dependsOn: apis,
  });
  const operators = new Operators("operators", { config }, { dependsOn: [namespace] });
  const network = new Network("network", { config }, { dependsOn: [namespace] });
  const { generation, protected: kept } = config.tokens.signingKey;
  const signingKey = new SigningKey(
    "signing-key",
    { generation, now, protect: protect && kept },
    { dependsOn: apis },
  );
  if (protect && !kept) {
    pulumi.log.warn(
      "attic:tokens.signingKey.protected is false, so a mistake in an update can void every token: " +
        "take it out again once the key is replaced",
      signingKey,
    );
  }
  const tokens = new Tokens("tokens", { config, now, signingKey }, { dependsOn: [namespace] });
  const caches = new Caches("caches", { config, protect }, { dependsOn: apis });
  const settings = new AtticSettings("attic-settings", { config, signingKey }, { dependsOn: [namespace] });
  const objectStore = new ObjectStore(
    "object-store",
    { config, serviceAccounts: [names.api, names.collector] },
    { dependsOn: apis },
  );

  const ground = [namespace, network, settings, objectStore];
  const database =
    config.database.provider === "cloudNativePg" &&
    new Postgres(
      "postgres",
      { config, roleArn: objectStore.databaseRoleArn },
      { dependsOn: [...ground, ...operators.needed("cloudNativePg", "barmanCloud")] },
    );
  new Attic(
    "attic",
    { config, settings, roleArn: objectStore.atticRoleArn },
    { dependsOn: database ? [...ground, database] : ground },
  );
  if (config.ingress.enabled) {
    new Ingress(
      "ingress",
      { config, refusals: refusals(config, now) },
      { dependsOn: [namespace, ...operators.needed("traefik", "certManager")] },
    );
  }
  new Observability(
    "observability",
    { config },
    { dependsOn: [namespace, ...apis, ...operators.needed("traefik", "certManager")] },
  );

  return {
    url: config.server.apiEndpoint,
    namespace: config.namespace,
    service: `${names.api}.${config.namespace}.svc`,
    databaseHosts: databaseHosts(config),
    bucket: objectStore.bucket,
    backupBucket: objectStore.backupBucket ?? null,
    clientConfiguration: pulumi
      .all(caches.addresses)
      .apply((addresses) => clientConfiguration(config, addresses)),
    publicKeyBase64: signingKey.publicKeyBase64,
    auditLogRetention: auditRetention(config) ?? null,
    tokens: tokens.tokens,
    tokenAnchor: tokens.anchor,
    caches: caches.addresses,
    cacheKeyPairs: pulumi.secret(caches.keyPairs),
  };
}
