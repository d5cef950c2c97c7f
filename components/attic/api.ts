import type { StackConfig } from "../../config/index.ts";
import type { AutoscaledDeploymentSpec } from "../autoscaled-deployment/index.ts";
import { process } from "./process.ts";
import { port } from "./server-toml.ts";

/**
 * The API: `atticd` in the mode that serves requests and nothing else. It neither migrates the database nor
 * collects garbage, so any number of replicas can run side by side.
 */
export function api(config: StackConfig): AutoscaledDeploymentSpec {
  // The one path that answers without a database, a cache and a token. A path that asks the database would
  // block for 30 s when it is away and have every pod restarted for nothing.
  const path = "/";
  const { scaling, resources, spread, preStopSeconds, terminationGracePeriodSeconds } = config.api;
  return {
    ...process(config, "api", "api-server"),
    port,
    probes: {
      startup: { path, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 30 },
      liveness: { path, periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 3 },
      readiness: { path, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    },
    // The server refuses every Host that is not on its list, the kubelet's too.
    probeHost: config.server.allowedHosts[0],
    resources,
    scaling,
    spread,
    preStopSeconds,
    terminationGracePeriodSeconds,
  };
}
