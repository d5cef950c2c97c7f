import { clientConfiguration } from "./components/attic/client-configuration.ts";
import { Attic, AtticSettings } from "./components/attic/index.ts";
import { names, partOf } from "./components/attic/names.ts";
import { Ingress } from "./components/ingress/index.ts";
import { restrictedNamespace } from "./components/kubernetes/namespace.ts";
import { resource } from "./components/kubernetes/resource.ts";
import { Network } from "./components/network/index.ts";
import { ObjectStore } from "./components/object-store/index.ts";
import { Observability } from "./components/observability/index.ts";
import { Operators, operatorApis } from "./components/operators/index.ts";
import { databaseHosts, Postgres } from "./components/postgres/index.ts";
import { SigningKey } from "./components/tokens/index.ts";
import { stackConfig } from "./config/index.ts";

/**
 * The program: one stack of Attic. It is a function, so that the Pulumi CLI, the Automation API, the renderer
 * and the tests all run the same one.
 * @returns the stack's outputs
 */
export default async function attic(): Promise<Record<string, unknown>> {
  const config = stackConfig();
  const protect = config.deletionProtection;

  const apis = operatorApis(config);
  const namespace = resource(restrictedNamespace(config.namespace, partOf), { protect, dependsOn: apis });
  const operators = new Operators("operators", { config }, { dependsOn: [namespace] });
  const network = new Network("network", { config }, { dependsOn: [namespace] });
  const signingKey = new SigningKey("signing-key", { protect }, { dependsOn: apis });
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
      { config },
      { dependsOn: [namespace, ...operators.needed("traefik", "certManager")] },
    );
  }
  new Observability("observability", { config }, { dependsOn: [namespace, ...apis] });

  return {
    url: config.server.apiEndpoint,
    namespace: config.namespace,
    service: `${names.api}.${config.namespace}.svc`,
    databaseHosts: databaseHosts(config),
    bucket: objectStore.bucket,
    backupBucket: objectStore.backupBucket ?? null,
    clientConfiguration: clientConfiguration(config),
    publicKeyBase64: signingKey.publicKeyBase64,
  };
}
