import { describe, expect, test } from "vitest";
import { allows, type Endpoint } from "../../../../judges/network-policies/evaluate.ts";

const pod = (namespace: string, labels: Record<string, string>, address = "10.0.0.1"): Endpoint => ({
  address,
  pod: { namespace, labels },
});
const web = pod("shop", { app: "web" });
const policy = (spec: object) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "policy", namespace: "shop" },
  spec: { podSelector: { matchLabels: { app: "web" } }, ...spec },
});
const open = (spec: object, from: Endpoint, port = 80, protocol: "TCP" | "UDP" = "TCP") =>
  allows([policy(spec)], from, web, { port, protocol });

/** The rules of the API's reference, one by one: the matrix is worth what this judge is. */
describe("the judge of the policies", () => {
  const shop = pod("shop", { app: "cart" });
  const bank = pod("bank", { app: "cart" });
  const inBank = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "bank" } } };
  const cart = { podSelector: { matchLabels: { app: "cart" } } };

  test("lets everything pass where no policy is", () => {
    expect(allows([], bank, web, { port: 80, protocol: "TCP" })).toBe(true);
    expect(allows([policy({ policyTypes: ["Ingress"] })], web, bank, { port: 80, protocol: "TCP" })).toBe(
      true,
    );
  });

  test("lets nothing pass where a policy has no rule, and everything where a rule says nothing", () => {
    expect(open({}, shop)).toBe(false);
    expect(open({ ingress: [] }, shop)).toBe(false);
    expect(open({ ingress: [{}] }, bank)).toBe(true);
    expect(open({ ingress: [{ from: [] }] }, bank)).toBe(true);
  });

  test("takes two selectors of one peer as and, of two peers as or", () => {
    const both = { ingress: [{ from: [{ ...inBank, ...cart }] }] };
    const either = { ingress: [{ from: [inBank, cart] }] };
    expect([open(both, bank), open(both, shop), open(both, pod("bank", {}))]).toEqual([true, false, false]);
    expect([open(either, bank), open(either, shop), open(either, pod("bank", {}))]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("takes a pod selector alone as one of the policy's own namespace", () => {
    const spec = { ingress: [{ from: [cart] }] };
    expect([open(spec, shop), open(spec, bank)]).toEqual([true, false]);
  });

  test("knows ports, ranges of them, and TCP as the protocol that goes without saying", () => {
    const spec = {
      ingress: [{ ports: [{ port: 80 }, { port: 90, endPort: 95 }, { port: 53, protocol: "UDP" }] }],
    };
    expect([80, 81, 90, 95, 96].map((port) => open(spec, shop, port))).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
    expect([open(spec, shop, 53, "UDP"), open(spec, shop, 53), open(spec, shop, 80, "UDP")]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("knows address ranges, their exceptions and their family", () => {
    const spec = { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }] }] };
    const at = (address: string) => open(spec, { address });
    expect(["10.2.0.1", "10.1.0.1", "11.0.0.1", "::a00:1"].map(at)).toEqual([true, false, false, false]);
  });

  test.each([
    ["In", ["a"], { key: "a" }, true],
    ["In", ["a"], {}, false],
    ["NotIn", ["a"], { key: "a" }, false],
    ["NotIn", ["a"], {}, true],
    ["Exists", undefined, { key: "a" }, true],
    ["Exists", undefined, {}, false],
    ["DoesNotExist", undefined, {}, true],
  ])("knows the operator %s %s of %o", (operator, values, labels, expected) => {
    const podSelector = { matchExpressions: [{ key: "key", operator, values }] };
    expect(
      open({ ingress: [{ from: [{ podSelector }] }] }, pod("shop", labels as Record<string, string>)),
    ).toBe(expected);
  });

  test("asks both ends", () => {
    const from = {
      ...policy({ podSelector: {}, policyTypes: ["Egress"] }),
      metadata: { name: "p", namespace: "bank" },
    };
    expect(allows([policy({ ingress: [{}] }), from], bank, web, { port: 80, protocol: "TCP" })).toBe(false);
  });
});
