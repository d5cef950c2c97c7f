import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../control-plane/index.ts";
import type { KubeObject } from "./manifest.ts";
import { names } from "./manifest.ts";

const collections: Readonly<Record<string, string>> = {
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  ConfigMap: "configmaps",
  Deployment: "deployments",
  MutatingWebhookConfiguration: "mutatingwebhookconfigurations",
  Namespace: "namespaces",
  Role: "roles",
  RoleBinding: "rolebindings",
  Service: "services",
  ServiceAccount: "serviceaccounts",
  ValidatingWebhookConfiguration: "validatingwebhookconfigurations",
};

const servedSeconds = 30;
/** As long as the stand-in's own, which renews it daily. */
const tokenSeconds = 7 * 24 * 3600;

/** Where the API server keeps an object. */
export function pathOf({ apiVersion, kind, metadata }: KubeObject): string {
  const collection = collections[kind];
  if (collection === undefined)
    throw new Error(`CloudNativePG's manifest has a ${kind}, which is not known here.`);
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = metadata.namespace ? `/namespaces/${metadata.namespace}` : "";
  return `${root}${scope}/${collection}/${metadata.name}`;
}

/** Applies objects, the namespaces before what is in them. @throws KubeError for one that is refused */
export async function applyAll(client: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  const apply = (object: KubeObject) => client.apply(pathOf(object), object, "embedded-cloudnative-pg");
  const isNamespace = ({ kind }: KubeObject) => kind === "Namespace";
  await Promise.all(objects.filter(isNamespace).map(apply));
  await Promise.all(objects.filter((object) => !isNamespace(object)).map(apply));
}

/** A token of a ServiceAccount in the operator's namespace, as a kubelet gets it for a pod. */
export async function requestToken(client: KubeClient, serviceAccount: string): Promise<string> {
  const { status } = await client.json<{ status: { token: string } }>(
    "POST",
    `/api/v1/namespaces/${names.namespace}/serviceaccounts/${serviceAccount}/token`,
    {
      body: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds: tokenSeconds },
      },
    },
  );
  return status.token;
}

/**
 * Waits until the API server reaches the operator's webhooks: until it passes on a complaint of theirs about a
 * Cluster that it is asked to check and not to keep. A readiness probe says too little: the API server learns of the
 * operator's certificate a moment later.
 *
 * @throws Error with its last answer
 */
export async function awaitWebhooks(client: KubeClient): Promise<void> {
  const wrong = {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    metadata: { generateName: "probe-", namespace: "default" },
    spec: { instances: 1, storage: { size: "none" } },
  };
  let answer = "";
  for (const end = performance.now() + servedSeconds * 1000; performance.now() < end; await sleep(50)) {
    const { text } = await client.call(
      "POST",
      "/apis/postgresql.cnpg.io/v1/namespaces/default/clusters?dryRun=All",
      { body: wrong },
    );
    if (text.includes(`admission webhook \\"vcluster.cnpg.io\\" denied`)) return;
    answer = text.slice(0, 500);
  }
  throw new Error(
    `The API server does not reach CloudNativePG's webhooks within ${servedSeconds} s; it says: ${answer}`,
  );
}

/**
 * Takes the operator's webhooks away: while it does not run, they would refuse every change of a Cluster. Everything
 * else of it is left, as it harms nobody.
 */
export async function removeWebhooks(client: KubeClient): Promise<void> {
  for (const [collection, name] of [
    ["mutatingwebhookconfigurations", "cnpg-mutating-webhook-configuration"],
    ["validatingwebhookconfigurations", "cnpg-validating-webhook-configuration"],
  ]) {
    // One that is not there is as good.
    await client.call("DELETE", `/apis/admissionregistration.k8s.io/v1/${collection}/${name}`);
  }
}
