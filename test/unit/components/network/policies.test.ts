import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { api } from "../../../../components/attic/api.ts";
import { collector } from "../../../../components/attic/collector.ts";
import { migrations } from "../../../../components/attic/migrations.ts";
import { autoscaledDeployment } from "../../../../components/autoscaled-deployment/manifests.ts";
import { Network } from "../../../../components/network/index.ts";
import { networkPolicies } from "../../../../components/network/policies.ts";
import type { StackConfig } from "../../../../config/index.ts";
import { between, others, ours, ports } from "../../../../judges/network-policies/actors.ts";
import { allows, isIn } from "../../../../judges/network-policies/evaluate.ts";
import { record } from "../../../../render/record.ts";
import { least, raw, stackConfig } from "../../../support/settings.ts";
import { clusterStack } from "./actors.ts";

const policies = (...settings: Parameters<typeof clusterStack>) => networkPolicies(clusterStack(...settings));

/** What one of ours reaches at an address, or at a pod. */
const reach = (config: StackConfig, from: keyof typeof ours, to: string) =>
  between(networkPolicies(config), ours[from], { address: to });

describe("the policies", () => {
  test("are named like the workloads that they are about", () => {
    expect(policies().map(({ metadata }) => metadata.name)).toEqual([
      "default-deny",
      "attic",
      "attic-gc",
      "attic-migrate",
      "attic-pg",
      "attic-pg-jobs",
      "acme-http01-solver",
    ]);
  });

  test("deny both ways, each by itself", () => {
    for (const { spec } of policies()) expect(spec.policyTypes.sort()).toEqual(["Egress", "Ingress"]);
  });

  test("are none when they are switched off", () => {
    expect(policies({ enabled: false })).toEqual([]);
  });

  test("leave challenges unanswered when the stack asks for no certificate", () => {
    const closed = networkPolicies(stackConfig({ ingress: { enabled: false } }));
    expect(between(closed, others.Traefik, ours["ACME solver"])).toBe("–");
  });

  test("know Attic's pods by the labels that they really have", () => {
    const config = clusterStack();
    const built = [...autoscaledDeployment(api(config)), ...collector(config), ...migrations(config)];
    const templates = built.flatMap(({ spec }) => spec?.template ?? spec?.jobTemplate?.spec.template ?? []);
    expect(templates).toHaveLength(3);
    for (const [at, { metadata }] of templates.entries()) {
      const real = { address: "10.244.0.9", pod: { namespace: config.namespace, labels: metadata.labels } };
      const assumed = [ours.API, ours["garbage collector"], ours.migration][at] ?? real;
      for (const other of [...Object.values(ours), ...Object.values(others)]) {
        expect(between(policies(), real, other)).toBe(between(policies(), assumed, other));
        expect(between(policies(), other, real)).toBe(between(policies(), other, assumed));
      }
    }
  });

  test("have no rule without a peer or without a port: it would mean everyone, or every port", () => {
    const nothing = { apiServer: ["10.0.0.1/32"], objectStore: ["10.0.0.2/32"], denied: ["10.0.0.0/8"] };
    for (const { spec } of [...policies(), ...policies(nothing)]) {
      for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
        expect(rule.from ?? rule.to).not.toHaveLength(0);
        expect(rule.ports).not.toHaveLength(0);
      }
    }
  });
});

describe("the object store", () => {
  test.each([
    [undefined, "443"],
    ["https://s3.example.com", "443"],
    ["https://s3.example.com:9000", "9000"],
    ["http://s3.example.com", "80"],
  ])("at the endpoint %s is reached on %s", (endpoint, port) => {
    const config = clusterStack({}, { endpoint });
    expect(
      networkPolicies(config)
        .find(({ metadata }) => metadata.name === "attic-gc")
        ?.spec.egress.at(-1).ports,
    ).toEqual([{ port: Number(port), protocol: "TCP" }]);
  });

  test("comes with STS where a role is assumed", () => {
    const roleArn = "arn:aws:iam::123456789012:role/attic";
    const store = { endpoint: "https://s3.example.com:9000", roleArn, credentials: undefined };
    const config = stackConfig({ objectStore: { provider: "s3", region: "eu-central-1", s3: store } });
    expect(
      networkPolicies(config)[1]
        ?.spec.egress.at(-1)
        .ports.map(({ port }: { port: number }) => port),
    ).toEqual([9000, 443]);
  });

  test("behind an ingress of the same cluster is reached on the port of that ingress' pods, too", () => {
    const config = clusterStack({ objectStorePorts: [9443] });
    const store = others["object store"].address;
    expect(reach(config, "API", store)).toBe("443 9443");
    expect(reach(config, "garbage collector", store)).toBe("443 9443");
    expect(reach(config, "database", store)).toBe("443 6443 9443");
    expect(reach(config, "migration", store)).toBe("–");
  });

  test("is none of the database's business without backups", () => {
    const config = stackConfig({
      database: { cloudNativePg: { backup: { enabled: false } } },
      network: { apiServer: ["10.0.0.10/32"] },
    });
    expect(reach(config, "database", others["object store"].address)).toBe("–");
    expect(reach(config, "API", others["object store"].address)).toBe("443");
  });
});

describe("the API server", () => {
  test("is cut out of what Attic's pods reach, as soon as it has ranges of its own", () => {
    const config = clusterStack({ apiServer: ["10.0.0.10/32"] });
    for (const from of ["API", "garbage collector", "migration"] as const) {
      expect(reach(config, from, "10.0.0.10")).toBe("–");
    }
    expect(reach(config, "database", "10.0.0.10")).toBe("443 6443");
    expect(reach(config, "API", "10.0.0.11")).toBe("443");
  });

  test("does not take the object store with it that is named in its range", () => {
    const config = clusterStack({ apiServer: ["10.0.0.0/16"], objectStore: ["0.0.0.0/0", "10.0.5.0/24"] });
    expect(reach(config, "API", "10.0.5.9")).toBe("443");
    expect(reach(config, "API", "10.0.6.9")).toBe("–");
  });
});

describe("address ranges", () => {
  test("are of both families until they are narrowed", () => {
    expect(reach(clusterStack(), "API", "2600:1f18::1")).toBe("443");
    expect(reach(clusterStack({ objectStore: ["0.0.0.0/0"] }), "API", "2600:1f18::1")).toBe("–");
  });

  test.each(["169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "fe80::1"])("never hold %s", (address) => {
    for (const from of Object.keys(ours) as (keyof typeof ours)[]) {
      expect(reach(clusterStack(), from, address)).toBe("–");
    }
  });

  test("let a node's DNS cache be asked and nothing else there", () => {
    expect(reach(clusterStack(), "API", "169.254.20.10")).toBe("53 53/udp");
    expect(reach(clusterStack({ dns: { addresses: [] } }), "API", "169.254.20.10")).toBe("–");
  });

  test("of a peer without pods open what its pods may", () => {
    const network = {
      ingressController: { addresses: ["10.0.0.0/24"] },
      databaseOperator: { addresses: ["10.0.1.1/32"] },
    };
    expect(between(policies(network), { address: "10.0.0.7" }, ours.API)).toBe("8080");
    expect(between(policies(network), { address: "10.0.0.7" }, ours.database)).toBe("–");
    expect(between(policies(network), { address: "10.0.1.1" }, ours.database)).toBe("5432 8000");
  });

  test("may be written in capitals, but not as one family in the other's clothes", () => {
    expect(policies({ denied: ["FE80::/10"] })[1]?.spec.egress.at(-1).to[0].ipBlock.except).toEqual([
      "fe80::/10",
    ]);
    for (const range of ["::ffff:169.254.0.0/112", "::FFFF:0:0/96", "10.0.0.0", "0/0"]) {
      expect(() => policies({ objectStore: [range] })).toThrow("an address range such as");
    }
  });
});

describe("whatever the stack's settings are", () => {
  // Few words, so that what is nearly a peer comes up as often as what is nothing like one.
  const namespace = fc.constantFrom("traefik", "monitoring", "cnpg-system", "kube-system");
  const podLabels = fc.dictionary(fc.constantFrom("app", "tier"), fc.constantFrom("a", "b"), { maxKeys: 2 });
  const peer = fc.record({ namespace, podLabels });
  const isMapped = (address: string) => new URL(`http://[${address}]`).hostname.startsWith("[::ffff:");
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6().filter((text) => !isMapped(text)),
  );
  const range = fc.oneof(
    fc.tuple(address, fc.nat(32)).map(([at, bits]) => `${at}/${at.includes(":") ? bits * 4 : bits}`),
    fc.constantFrom("0.0.0.0/0", "::/0", "10.0.0.0/8", "169.254.0.0/16", "fd00::/8"),
  );
  const ranges = fc.array(range, { minLength: 1, maxLength: 4 });

  test("no pod outside its peers connects to any of its pods", () => {
    const network = fc.record({
      ingressController: peer,
      prometheus: peer,
      databaseOperator: peer,
      dns: peer,
    });
    const stranger = fc.record({ address, pod: fc.record({ namespace, labels: podLabels }) });
    fc.assert(
      fc.property(network, stranger, (settings, from) => {
        const peers = [settings.ingressController, settings.prometheus, settings.databaseOperator];
        const isPeer = peers.some(
          ({ namespace, podLabels }) =>
            namespace === from.pod.namespace &&
            Object.entries(podLabels).every(([key, value]) => from.pod.labels[key] === value),
        );
        fc.pre(!isPeer);
        for (const to of Object.values(ours)) expect(between(policies(settings), from, to)).toBe("–");
      }),
    );
  });

  test("no pod of the namespace that is not one of the stack's connects or is connected to", () => {
    const stranger = fc.record({
      address,
      pod: fc.record({ namespace: fc.constant("nix-cache"), labels: podLabels }),
    });
    const made = policies();
    fc.assert(
      fc.property(stranger, (pod) => {
        for (const other of [...Object.values(ours), ...Object.values(others)]) {
          expect(between(made, pod, other)).toBe("–");
          expect(between(made, other, pod)).toBe("–");
        }
      }),
    );
  });

  test("no denied range is reached, but for the DNS's own addresses on its port", () => {
    const settings = fc.record({
      apiServer: ranges,
      objectStore: ranges,
      database: ranges,
      denied: ranges,
      dns: fc.record({ addresses: fc.array(range, { maxLength: 1 }) }),
    });
    fc.assert(
      fc.property(settings, fc.boolean(), fc.nat(), address, (network, external, pick, random) => {
        const config = external ? stackConfig({ network }) : clusterStack(network);
        // An address at the start of a denied range, and any one.
        const denied = network.denied[pick % network.denied.length]?.split("/")[0] ?? "";
        const made = networkPolicies(config);
        for (const address of [denied, random]) {
          if (!network.denied.some((cidr) => isIn(cidr.toLowerCase(), address))) continue;
          for (const from of Object.values(ours)) {
            for (const port of ports) {
              if (port.port === 53 && network.dns.addresses.some((cidr) => isIn(cidr, address))) continue;
              expect(allows(made, from, { address }, port)).toBe(false);
            }
          }
        }
      }),
    );
  });

  test("what is not denied and is named is reached", () => {
    fc.assert(
      fc.property(ranges, ranges, address, (objectStore, denied, to) => {
        const config = clusterStack({ objectStore, denied, apiServer: ["203.0.113.255/32"] });
        const open = objectStore.some((cidr) => isIn(cidr, to)) && !denied.some((cidr) => isIn(cidr, to));
        fc.pre(to !== "203.0.113.255");
        expect(
          allows(
            networkPolicies(config),
            ours["garbage collector"],
            { address: to },
            { port: 443, protocol: "TCP" },
          ),
        ).toBe(open);
      }),
    );
  });
});

test("the component makes one resource for each policy", async () => {
  const program = async () => {
    new Network("network", { config: stackConfig() });
    return {};
  };
  const { resources } = await record(program, {
    stack: "test",
    config: raw(least),
    preview: true,
    answers: {},
  });
  const made = resources.filter(({ type }) => type === "kubernetes:networking.k8s.io/v1:NetworkPolicy");
  const names = networkPolicies(stackConfig()).map(({ metadata }) => metadata.name);
  expect(made.map(({ name }) => name).sort()).toEqual(names.sort());
  for (const { parent } of made) expect(parent).toMatch(/attic:network:Network::network$/);
});
