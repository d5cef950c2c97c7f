import { Exec, KubeConfig } from "@kubernetes/client-node";
import type { OpenedStack } from "../stack.ts";
import type { World } from "../world.ts";
import type { Asked } from "./errors.ts";
import type { Cluster } from "./index.ts";
import { chooseCluster, readKubeconfig } from "./kubeconfig.ts";
import { KubeCluster } from "./kubernetes.ts";
import { transport } from "./transport.ts";

/** Opens a stack's cluster by a kubeconfig. */
export function openByKubeconfig(stack: OpenedStack, world: World): Cluster {
  const choice = chooseCluster(stack, world.env);
  const config = readKubeconfig(() => new KubeConfig(), choice);
  const asked: Asked = {
    stack: stack.name,
    context: config.getCurrentContext(),
    server: (config.getCurrentCluster()?.server ?? "").replace(/\/+$/, ""),
    source: choice.source.said,
    embedded: choice.embedded,
  };
  return new KubeCluster({
    asked,
    namespace: stack.config.namespace,
    transport: transport(config, asked),
    executor: new Exec(config),
    sleep: world.sleep,
  });
}
