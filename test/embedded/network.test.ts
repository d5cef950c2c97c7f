import { describe, expect, test } from "vitest";
import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { networkPolicies } from "../../components/network/policies.ts";
import type { Settings } from "../../config/schema/index.ts";
import { inNamespace, kubectl, kubectlOutput } from "../support/control-plane.ts";
import { s3, stackConfig } from "../support/settings.ts";

const credentials = { accessKeyId: "AKIA", secretAccessKey: "wJalr" };

/** Has the API server check objects without keeping them; unknown fields are refused, too. */
const dryRun = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-o", "json", "-f", "-"];

const list = (items: Manifest[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });

describe("the API server takes every policy as it is", () => {
  test.each<[string, Partial<Settings>]>([
    ["of a stack with an external database", {}],
    ["of a stack with a cluster", { database: {}, objectStore: s3({ credentials }) }],
    [
      "with ranges within ranges, of both families",
      {
        database: {},
        objectStore: s3({ credentials, endpoint: "https://s3.example.com:9000" }),
        network: {
          apiServer: ["10.0.0.0/16", "10.0.0.0/8", "fd00::/8"],
          objectStore: ["0.0.0.0/0", "10.0.5.0/24", "::/0", "FD00:0:0::/48"],
          denied: ["169.254.0.0/16", "10.9.0.0/16", "fe80::/10", "::1:2:3:4:5:6:7/128"],
          ingressController: {
            namespace: "edge",
            podLabels: {},
            addresses: ["10.0.0.0/24", "2001:db8::/64"],
          },
        },
      },
    ],
  ])("%s", async (_, settings) => {
    await inNamespace(async (namespace) => {
      const config = stackConfig({ ...settings, namespace }, ["objectStore"]);
      const policies = networkPolicies(config);

      const { items } = JSON.parse(await kubectlOutput(dryRun, list(policies)));

      expect(items.map(({ spec }: Manifest) => spec)).toEqual(policies.map(({ spec }) => spec));
    });
  });

  test("and would refuse an exception that is not in its range", async () => {
    await inNamespace(async (namespace) => {
      const [, policy] = structuredClone(networkPolicies(stackConfig({ namespace })));
      if (!policy) throw new Error("no policy");
      policy.spec.egress.at(-1).to = [{ ipBlock: { cidr: "::/0", except: ["169.254.0.0/16"] } }];

      const { code, stderr } = await kubectl(dryRun, JSON.stringify(policy));

      expect(code).not.toBe(0);
      expect(stderr).toContain("except[0]");
    });
  });
});
