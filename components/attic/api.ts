import type { StackConfig } from "../../config/index.ts";
import type { AutoscaledDeploymentSpec } from "../autoscaled-deployment/index.ts";
import { type Identity, imageVersion } from "../kubernetes/labels.ts";
import { environment, mounts } from "./environment.ts";
import { names, partOf } from "./names.ts";
import { port } from "./server-toml.ts";

/** Labels of the API and of what belongs to it. */
export const apiIdentity = (image: string): Identity => ({
  name: names.api,
  component: "api",
  partOf,
  version: imageVersion(image),
});

/**
 * The API: `atticd` in the mode that serves requests and nothing else. It neither migrates the database nor
 * collects garbage, so any number of replicas can run side by side.
 */
export function api(config: StackConfig): AutoscaledDeploymentSpec {
  // The one path that answers without a database, a cache and a token. A path that asks the database would
  // block for 30 s when it is away and have every pod restarted for nothing.
  const path = "/";
  const { roleArn } = config.objectStore.s3;
  return {
    name: names.api,
    namespace: config.namespace,
    identity: apiIdentity(config.image),
    image: config.image,
    imagePullSecrets: config.imagePullSecrets,
    args: ["-f", "/etc/attic/server.toml", "--mode", "api-server"],
    env: environment(config),
    mounts: mounts(config),
    port,
    probes: {
      startup: { path, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 30 },
      liveness: { path, periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 3 },
      readiness: { path, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    },
    // The server refuses every Host that is not on its list, the kubelet's too.
    probeHost: config.server.allowedHosts[0],
    resources: config.api.resources,
    scaling: config.api.scaling,
    spread: config.api.spread,
    preStopSeconds: config.api.preStopSeconds,
    terminationGracePeriodSeconds: config.api.terminationGracePeriodSeconds,
    serviceAccountAnnotations: roleArn ? { "eks.amazonaws.com/role-arn": roleArn } : undefined,
  };
}
