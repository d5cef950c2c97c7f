import { Attic } from "./components/attic/index.ts";
import { names, partOf } from "./components/attic/names.ts";
import { restrictedNamespace } from "./components/kubernetes/namespace.ts";
import { resource } from "./components/kubernetes/resource.ts";
import { SigningKey } from "./components/tokens/index.ts";
import { stackConfig } from "./config/index.ts";

/**
 * The program: one stack of Attic. It is a function, so that the Pulumi CLI, the Automation API, the renderer
 * and the tests all run the same one.
 * @returns the stack's outputs
 */
export default async function attic(): Promise<Record<string, unknown>> {
  const config = stackConfig();

  const namespace = resource(restrictedNamespace(config.namespace, partOf), {});
  const signingKey = new SigningKey("signing-key", { protect: config.deletionProtection });
  new Attic(
    "attic",
    { config, signingKey, roleArn: config.objectStore.s3.roleArn },
    { dependsOn: [namespace] },
  );

  return {
    url: config.server.apiEndpoint,
    namespace: config.namespace,
    service: `${names.api}.${config.namespace}.svc`,
    publicKeyBase64: signingKey.publicKeyBase64,
  };
}
