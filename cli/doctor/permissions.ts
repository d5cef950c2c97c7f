import type { Cluster } from "../cluster/index.ts";
import { type Finding, failed, look, ok } from "./finding.ts";
import type { Need } from "./needs.ts";

/** How a kind is called where it is asked for permissions. */
interface Resource {
  group: string;
  /** In the plural. */
  name: string;
  namespaced: boolean;
}

/** How many questions are asked at once. */
const atOnce = 10;

/** Whether the cluster knows every kind that the program makes; what it knows is how each is asked for. */
export async function checkKinds(
  cluster: Cluster,
  needs: readonly Need[],
): Promise<{ finding: Finding; resources: Map<Need, Resource> }> {
  const resources = new Map<Need, Resource>();
  const finding = await look("kinds", async () => {
    const lists = new Map<string, { name: string; kind: string; namespaced: boolean }[]>();
    for (const apiVersion of new Set(needs.map((need) => need.apiVersion))) {
      lists.set(apiVersion, await kindsOf(cluster, apiVersion));
    }
    const missing: string[] = [];
    for (const need of needs) {
      const found = lists
        .get(need.apiVersion)
        ?.find(({ kind, name }) => kind === need.kind && !name.includes("/"));
      if (!found) missing.push(`${need.kind} of ${need.apiVersion}`);
      else resources.set(need, { ...found, group: groupOf(need.apiVersion) });
    }
    if (missing.length === 0)
      return ok("kinds", `the cluster knows all ${needs.length} that the stack makes or watches`);
    const todo = "install what defines them, or have the stack do it: docs/operators.md";
    return failed("kinds", `the cluster does not know ${missing.length} of ${needs.length}`, todo, missing);
  });
  return { finding, resources };
}

async function kindsOf(cluster: Cluster, apiVersion: string) {
  const { status, text } = await cluster.raw(
    apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`,
  );
  if (status !== 200) return [];
  return (JSON.parse(text) as { resources: { name: string; kind: string; namespaced: boolean }[] }).resources;
}

const groupOf = (apiVersion: string) =>
  apiVersion.includes("/") ? (apiVersion.split("/")[0] as string) : "";

/** Whether this person may do all that an update does, as the API server tells: exactly these verbs on these kinds. */
export const checkPermissions = (
  cluster: Cluster,
  who: string,
  resources: ReadonlyMap<Need, Resource>,
): Promise<Finding> =>
  look("permissions", async () => {
    const questions = [...resources].flatMap(([{ verbs }, resource]) =>
      verbs.map((verb) => ({
        verb,
        resource: resource.name,
        group: resource.group,
        ...(!resource.namespaced && { namespace: "*" }),
      })),
    );
    const denied = new Map<string, string[]>();
    for (let from = 0; from < questions.length; from += atOnce) {
      const asked = questions.slice(from, from + atOnce);
      const answers = await Promise.all(asked.map((question) => cluster.canI(question)));
      for (const [index, { allowed }] of answers.entries()) {
        const { verb, resource, group } = asked[index] as (typeof questions)[number];
        const name = group ? `${resource}.${group}` : resource;
        if (!allowed) denied.set(name, [...(denied.get(name) ?? []), verb]);
      }
    }
    if (denied.size === 0) {
      return ok("permissions", `${who} may do all ${questions.length} things that an update does`);
    }
    const count = [...denied.values()].flat().length;
    return failed(
      "permissions",
      `${who} may not do ${count} of ${questions.length} things that an update does`,
      "ask whoever runs the cluster for a role with them, or use another context",
      [...denied].map(([name, verbs]) => `${name}: ${verbs.join(", ")}`),
    );
  });

/** Whether this person may install operators, which are given rights that only an administrator can give. */
export const checkAdministrator = (cluster: Cluster, releases: readonly string[]): Promise<Finding> =>
  look("operators", async () => {
    const { allowed } = await cluster.canI({ verb: "*", resource: "*", group: "*", namespace: "*" });
    const what = releases.join(", ");
    return allowed
      ? ok("operators", `the stack installs ${what}, and may`)
      : failed(
          "operators",
          `the stack installs ${what}, which takes an administrator of the cluster`,
          "update with an administrator's context, or install them apart: docs/operators.md",
        );
  });
