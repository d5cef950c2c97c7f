import { describe, expect, test } from "vitest";
import { monitors } from "../../../../components/observability/monitors.ts";
import { crdSets } from "../../../../embedded/toolchain/crd-sets.ts";
import { authorityName, authorityObjects } from "../../../../live/platform/cert-manager/authority.ts";
import { certManagerVersion } from "../../../../live/platform/cert-manager/index.ts";
import { account, deployment, namespace } from "../../../../live/platform/cert-manager/objects.ts";
import { stackConfig } from "../../../support/settings.ts";

describe("cert-manager on real nodes", () => {
  test("is of the version whose definitions it is given", () => {
    expect(certManagerVersion()).toBe(crdSets.find(({ name }) => name === "cert-manager")?.version);
  });

  test("is told apart from a module that names none", () => {
    expect(() => certManagerVersion("module x\n")).toThrow("names no version");
  });

  test("is found by the monitor that the stack makes for its own", () => {
    const config = stackConfig({
      operators: { certManager: { install: true } },
      observability: { monitors: { enabled: true } },
    });
    const monitor = monitors(config).find(({ metadata }) => metadata.namespace === namespace);
    const { template } = deployment("image").spec;
    expect(template.metadata.labels).toMatchObject(monitor?.spec.selector.matchLabels);
    const [endpoint] = monitor?.spec.podMetricsEndpoints ?? [];
    expect(template.spec.containers[0].ports.map(({ name }: { name: string }) => name)).toContain(
      endpoint?.port,
    );
  });

  test("is never there twice, as nothing decides between two", () => {
    expect(deployment("image").spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  });

  test("may touch nothing but certificates, their Secrets and events", () => {
    const rules = account.find(({ kind }) => kind === "ClusterRole")?.rules as { resources: string[] }[];
    const resources = rules.flatMap((rule) => rule.resources.map((each) => each.split("/")[0]));
    expect([...new Set(resources)].sort()).toEqual([
      "certificaterequests",
      "certificates",
      "clusterissuers",
      "events",
      "issuers",
      "secrets",
    ]);
    expect(JSON.stringify(rules)).not.toContain("*");
  });

  test("has an authority whose key lies where the issuers of the cluster look for it", () => {
    const [root, certificate, issuer] = authorityObjects;
    expect(certificate?.metadata).toEqual({ name: authorityName, namespace });
    expect(certificate?.spec).toMatchObject({ isCA: true, issuerRef: { name: root?.metadata.name } });
    expect(issuer?.spec.ca.secretName).toBe(certificate?.spec.secretName);
  });
});
