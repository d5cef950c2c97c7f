import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { goProcessEnvironment, runGo } from "../toolchain/go.ts";
import { moduleDir, operatorModule, operatorVersion } from "./binaries.ts";

/** An object, as in a manifest. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: of every kind, each with fields of its own.
  readonly [field: string]: any;
}

/** How the operator is started: what its Deployment says of the container. */
export interface OperatorCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Of the operator's own manifest; the operator has these names written into it. */
export const names = {
  namespace: "cnpg-system",
  serviceAccount: "cnpg-manager",
  webhookSecret: "cnpg-webhook-cert",
} as const;

/** The ServiceAccount of the program that stands in for kubelet and instance managers. */
export const standIn = "embedded-stand-in";

/**
 * The operator's own manifest, out of its Go module, without the resource definitions, which `ensureCrds` applies.
 *
 * @throws ToolchainError when the module cannot be had
 */
export const readManifest = async (): Promise<readonly KubeObject[]> => parseManifest(await readRelease());

/**
 * The same as it was released, with the definitions.
 *
 * @throws ToolchainError when the module cannot be had
 */
export async function readRelease(): Promise<string> {
  // The version is go.mod's, and go.sum decides what it has to be.
  const output = await runGo(
    "Fetching CloudNativePG's manifest",
    ["mod", "download", "-json", operatorModule],
    {
      cwd: moduleDir,
      env: { ...goProcessEnvironment(), GOFLAGS: "" },
    },
  );
  const { Dir } = JSON.parse(output) as { Dir: string };
  return readFile(join(Dir, "releases", `cnpg-${operatorVersion()}.yaml`), "utf8");
}

/** Reads a manifest. The definitions are passed over unread: they are nine tenths of it. */
export function parseManifest(text: string): KubeObject[] {
  return text
    .split(/^---$/m)
    .filter((document) => !/^kind: CustomResourceDefinition$/m.test(document))
    .map((document) => parse(document) as KubeObject | null)
    .filter((object) => object !== null);
}

/**
 * Makes of the operator's manifest what is applied here. The operator runs outside the cluster, so its Deployment,
 * which has to be there because it owns the certificates, has no pods, and its webhooks are called on this machine.
 *
 * @param webhookPort on 127.0.0.1
 */
export function installation(manifest: readonly KubeObject[], webhookPort: number): KubeObject[] {
  return [...manifest.map((object) => outside(object, webhookPort)), ...standInAccess()];
}

function outside(object: KubeObject, webhookPort: number): KubeObject {
  switch (object.kind) {
    case "Deployment":
      return { ...object, spec: { ...object.spec, replicas: 0 } };
    case "Service":
      return { ...object, spec: { type: "ExternalName", externalName: "localhost" } };
    case "MutatingWebhookConfiguration":
    case "ValidatingWebhookConfiguration":
      return {
        ...object,
        webhooks: object.webhooks.map((webhook: KubeObject) => ({
          ...webhook,
          clientConfig: { service: { ...webhook.clientConfig.service, port: webhookPort } },
        })),
      };
    default:
      return object;
  }
}

/** Arguments and environment of the operator, from its Deployment. */
export function operatorCommand(manifest: readonly KubeObject[]): OperatorCommand {
  const deployment = manifest.find(({ kind }) => kind === "Deployment");
  const [container] = deployment?.spec.template.spec.containers ?? [];
  if (container === undefined)
    throw new Error("CloudNativePG's manifest has no Deployment with a container.");
  return {
    // There is never a second one to leave the work to, and a lease would hold up the start after a crash.
    args: container.args.filter((arg: string) => arg !== "--leader-elect"),
    env: Object.fromEntries(
      container.env.map(({ name, value }: { name: string; value?: string }) => [
        name,
        // The only field that is referred to is the pod's namespace.
        value ?? names.namespace,
      ]),
    ),
  };
}

/** What the stand-in may do: a part of what kubelets and instance managers may. */
function standInAccess(): KubeObject[] {
  const rbac = "rbac.authorization.k8s.io";
  const subjects = [{ kind: "ServiceAccount", name: standIn, namespace: names.namespace }];
  const roleRef = (kind: string) => ({ apiGroup: rbac, kind, name: standIn });
  const namespaced = { name: standIn, namespace: names.namespace };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: namespaced, automountServiceAccountToken: false },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata: { name: standIn },
      rules: [
        { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
        // The certificates of the instances, in the namespace of each Cluster.
        { apiGroups: [""], resources: ["secrets"], verbs: ["get"] },
        { apiGroups: ["postgresql.cnpg.io"], resources: ["clusters"], verbs: ["get", "list", "watch"] },
        { apiGroups: ["postgresql.cnpg.io"], resources: ["clusters/status"], verbs: ["patch"] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: standIn },
      roleRef: roleRef("ClusterRole"),
      subjects,
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "Role",
      metadata: namespaced,
      rules: [
        {
          apiGroups: [""],
          resources: ["serviceaccounts/token"],
          resourceNames: [names.serviceAccount, standIn],
          verbs: ["create"],
        },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata: namespaced,
      roleRef: roleRef("Role"),
      subjects,
    },
  ];
}
