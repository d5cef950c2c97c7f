import { databaseHealthy, kubectl, output, primary, until } from "./world.ts";

/** The namespace of the operator and of its plugin. */
const operators = "cnpg-system";

/** Asks for another primary as `kubectl cnpg promote` does, without that program: docs/database.md. */
export const promote = (instance: string): Promise<string> =>
  kubectl(
    ...[
      "patch",
      "clusters.postgresql.cnpg.io",
      "attic-pg",
      "--subresource=status",
      "--type=merge",
      "--patch",
    ],
    JSON.stringify({ status: { targetPrimary: instance, phase: "Switchover in progress" } }),
  );

/** The pod of the operator that leads: it alone fails over. */
export async function leader(): Promise<{ pod: string; node: string }> {
  const own = ["kubectl", `--namespace=${operators}`, "get"];
  const holder = await output(...own, "lease", "db9c8771.cnpg.io", "-o", "jsonpath={.spec.holderIdentity}");
  const pod = holder.slice(0, holder.indexOf("_"));
  return { pod, node: await output(...own, "pod", pod, "-o", "jsonpath={.spec.nodeName}") };
}

/** Moves the primary and the plugin of the backups to a node. @returns the node, and the primary there */
export async function gatheredOn(node: string): Promise<{ node: string; old: string }> {
  const there = ["get", "pods", `--field-selector=spec.nodeName=${node}`, "-o", "name"];
  const instance = (await kubectl(...there, "--selector=cnpg.io/podRole=instance")).replace("pod/", "");
  if ((await primary()) !== instance) {
    await promote(instance);
    await until(`${instance} is primary`, 120, async () => (await primary()) === instance);
    await databaseHealthy();
  }
  await movePlugin(node);
  return { node, old: instance };
}

/** Has the plugin's pod made anew while no other node takes pods. */
async function movePlugin(node: string): Promise<void> {
  const plugin = ["kubectl", `--namespace=${operators}`];
  const names = (await output("kubectl", "get", "nodes", "-o", "jsonpath={.items[*].metadata.name}")).split(
    " ",
  );
  const others = names.filter((each) => each !== node);
  const where = ["pods", "--selector=app=barman-cloud", "-o", "jsonpath={.items[*].spec.nodeName}"];
  if ((await output(...plugin, "get", ...where)) === node) return;
  await output("kubectl", "cordon", ...others);
  try {
    await output(...plugin, "delete", "pods", "--selector=app=barman-cloud");
    await output(...plugin, "rollout", "status", "deployment/barman-cloud", "--timeout=120s");
  } finally {
    await output("kubectl", "uncordon", ...others);
  }
}
