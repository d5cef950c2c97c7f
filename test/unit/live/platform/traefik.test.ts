import { describe, expect, test } from "vitest";
import { traefikArguments } from "../../../../components/ingress/requirements.ts";
import { ingressAddress } from "../../../../live/addresses.ts";
import { corefileOf } from "../../../../live/nodes/dns.ts";
import { commandLine } from "../../../../live/platform/traefik/arguments.ts";
import { traefikVersion } from "../../../../live/platform/traefik/index.ts";
import { deployment, disruptionBudget, rights, service } from "../../../../live/platform/traefik/objects.ts";
import { stackConfig } from "../../../support/settings.ts";

const config = stackConfig({ hostname: "nix-cache.live.test" });
const pods = deployment(config, "image").spec;

describe("Traefik on real nodes", () => {
  test("has everything that the ingress requires of an installation", () => {
    expect(pods.template.spec.containers[0].args).toEqual(expect.arrayContaining(traefikArguments(config)));
  });

  test("watches the stack's namespace and no other", () => {
    for (const provider of ["kubernetesCRD", "kubernetesIngress"])
      expect(commandLine(config)).toContain(`--providers.${provider}.namespaces=${config.namespace}`);
  });

  test("changes nothing in the cluster", () => {
    expect([...new Set(rights.flatMap(({ verbs }) => verbs))].sort()).toEqual(["get", "list", "watch"]);
  });

  test("logs who asked for what, and no header", () => {
    expect(commandLine(config)).toEqual(
      expect.arrayContaining([
        "--accessLog=true",
        "--accessLog.format=json",
        "--accessLog.fields.headers.defaultMode=drop",
      ]),
    );
  });

  test("is the pods that the stack's network policies let in", () => {
    const { namespace, podLabels } = config.network.ingressController;
    expect(deployment(config, "image").metadata.namespace).toBe(namespace);
    expect(pods.template.metadata.labels).toMatchObject(podLabels);
  });

  test("is given longer to end than it gives requests under way", () => {
    expect(pods.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(
      config.api.terminationGracePeriodSeconds,
    );
  });

  test("keeps a pod while nodes are drained and while it is replaced", () => {
    expect(pods.replicas).toBe(2);
    expect(pods.strategy.rollingUpdate.maxUnavailable).toBe(0);
    expect(disruptionBudget(config).spec).toMatchObject({
      maxUnavailable: 1,
      selector: { matchLabels: pods.selector.matchLabels },
    });
  });

  test("is reached where DNS says", () => {
    expect(service(config).spec).toMatchObject({
      clusterIP: ingressAddress,
      selector: pods.selector.matchLabels,
    });
    expect(corefileOf("kubeconfig")).toContain(`IN A ${ingressAddress}"`);
  });

  test("is of the version that the edge tests run", () => {
    expect(traefikVersion()).toMatch(/^v3\.\d+\.\d+$/);
    expect(() => traefikVersion("module x\n")).toThrow("names no version");
  });
});
