import { describe, expect, test } from "vitest";
import { operatorModule, operatorVersion } from "../../../../embedded/cloudnative-pg/binaries.ts";
import { pathOf } from "../../../../embedded/cloudnative-pg/install.ts";
import {
  installation,
  type KubeObject,
  operatorCommand,
  parseManifest,
  standIn,
} from "../../../../embedded/cloudnative-pg/manifest.ts";
import { crdSets } from "../../../../embedded/toolchain/crd-sets.ts";

const text = `apiVersion: v1
kind: Namespace
metadata:
  name: cnpg-system
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: clusters.postgresql.cnpg.io
---
apiVersion: v1
kind: Service
metadata:
  name: cnpg-webhook-service
  namespace: cnpg-system
spec:
  ports: [{port: 443, targetPort: 9443}]
  selector: {app.kubernetes.io/name: cloudnative-pg}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cnpg-controller-manager
  namespace: cnpg-system
spec:
  replicas: 1
  template:
    spec:
      containers:
      - args: [controller, --leader-elect, --webhook-port=9443]
        env:
        - name: MONITORING_QUERIES_CONFIGMAP
          value: cnpg-default-monitoring
        - name: OPERATOR_NAMESPACE
          valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: cnpg-validating-webhook-configuration
webhooks:
- name: vcluster.cnpg.io
  failurePolicy: Fail
  clientConfig:
    service: {name: cnpg-webhook-service, namespace: cnpg-system, path: /validate}
`;

const manifest = parseManifest(text);
const installed = installation(manifest, 40_123);
const find = (kind: string, among: readonly KubeObject[] = installed) =>
  among.find((object) => object.kind === kind) as KubeObject;

test("definitions are left to those who apply all of them", () => {
  expect(manifest.map(({ kind }) => kind)).toEqual([
    "Namespace",
    "Service",
    "Deployment",
    "ValidatingWebhookConfiguration",
  ]);
});

test("the definitions and the operator are of one version", () => {
  expect(crdSets.find(({ module }) => module === operatorModule)?.version).toBe(`v${operatorVersion()}`);
});

test("a go.mod without the operator is an error that says so", () => {
  expect(() => operatorVersion("module x\n")).toThrow(operatorModule);
});

describe("what is applied", () => {
  test("has the operator's Deployment without pods, as the operator runs elsewhere", () => {
    expect(find("Deployment").spec).toEqual({ ...find("Deployment", manifest).spec, replicas: 0 });
  });

  test("sends the API server to a port of this machine", () => {
    expect(find("Service").spec).toEqual({ type: "ExternalName", externalName: "localhost" });
    const [webhook] = find("ValidatingWebhookConfiguration").webhooks;
    expect(webhook.failurePolicy).toBe("Fail");
    expect(webhook.clientConfig).toEqual({
      service: { name: "cnpg-webhook-service", namespace: "cnpg-system", path: "/validate", port: 40_123 },
    });
  });

  test("lets the stand-in write nothing but a Cluster's status and two tokens", () => {
    const rules = installed
      .filter(({ kind }) => kind === "ClusterRole" || kind === "Role")
      .flatMap((role) => role.rules as { resources: string[]; resourceNames?: string[]; verbs: string[] }[]);
    const writing = rules.filter(({ verbs }) =>
      verbs.some((verb) => !["get", "list", "watch"].includes(verb)),
    );
    expect(writing.map(({ resources, verbs, resourceNames }) => [resources, verbs, resourceNames])).toEqual([
      [["clusters/status"], ["patch"], undefined],
      [["serviceaccounts/token"], ["create"], ["cnpg-manager", standIn]],
    ]);
  });

  test("has a path on the API server, each of it", () => {
    expect(pathOf(find("Deployment"))).toBe(
      "/apis/apps/v1/namespaces/cnpg-system/deployments/cnpg-controller-manager",
    );
    expect(pathOf(find("Namespace"))).toBe("/api/v1/namespaces/cnpg-system");
    for (const object of installed) expect(pathOf(object)).toContain(object.metadata.name);
  });

  test("of an unknown kind is an error", () => {
    expect(() => pathOf({ apiVersion: "v1", kind: "Widget", metadata: { name: "x" } })).toThrow("Widget");
  });
});

describe("the operator is started", () => {
  test("as its Deployment says, without an election that nobody else stands for", () => {
    expect(operatorCommand(manifest)).toEqual({
      args: ["controller", "--webhook-port=9443"],
      env: { MONITORING_QUERIES_CONFIGMAP: "cnpg-default-monitoring", OPERATOR_NAMESPACE: "cnpg-system" },
    });
  });

  test("by no manifest without a Deployment", () => {
    expect(() => operatorCommand([])).toThrow("no Deployment");
  });
});
