import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SubjectValues } from "../../../../policies/framework/subject.ts";
import { UNKNOWN } from "../../../../policies/framework/unknown.ts";
import { holds } from "../../../../policies/network/addresses.ts";
import { defaultDeny } from "../../../../policies/network/default-deny.ts";
import { noMetadataEgress } from "../../../../policies/network/metadata-egress.ts";
import { noOpenIngress } from "../../../../policies/network/open-ingress.ts";
import { podsCovered } from "../../../../policies/network/pods-covered.ts";
import { api, change, cluster } from "../fixtures.ts";
import { fields, judge, kubernetes, only } from "../support.ts";

const policy = (name: string, spec: Record<string, unknown>): SubjectValues =>
  kubernetes({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name }, spec });

const both = ["Ingress", "Egress"];
const denyAll = (spec: Record<string, unknown> = {}) =>
  policy("default-deny", { podSelector: {}, policyTypes: both, ...spec });
const traefik = {
  namespaceSelector: { matchLabels: { name: "traefik" } },
  podSelector: { matchLabels: { a: "t" } },
};
const forApi = (spec: Record<string, unknown> = {}) =>
  policy("attic", {
    podSelector: { matchLabels: { "app.kubernetes.io/name": "attic" } },
    policyTypes: both,
    ingress: [{ from: [traefik], ports: [{ port: 8080 }] }],
    ...spec,
  });
const forDatabase = policy("attic-pg", {
  podSelector: { matchLabels: { "cnpg.io/cluster": "attic-pg", "cnpg.io/podRole": "instance" } },
  policyTypes: both,
  egress: [{ to: [{ podSelector: {} }] }],
});

const stack = [api(), cluster(), denyAll(), forApi(), forDatabase];

test.each([defaultDeny, podsCovered, noOpenIngress, noMetadataEgress])(
  "$name has nothing against a stack without mistakes",
  (policy) => {
    expect(judge(policy, stack)).toEqual({ findings: [], open: [], unusedExceptions: [] });
  },
);

describe("denying by default", () => {
  test.each([
    ["is missing", [], ["Ingress", "Egress"]],
    ["denies one way only", [denyAll({ policyTypes: ["Egress"] })], ["Ingress"]],
    ["denies what is said by default", [denyAll({ policyTypes: undefined })], ["Egress"]],
    ["allows something", [denyAll({ egress: [{ to: [] }] })], ["Ingress", "Egress"]],
    ["is about some pods", [denyAll({ podSelector: { matchLabels: { a: "b" } } })], ["Ingress", "Egress"]],
    ["is in another namespace", [change(denyAll(), { "metadata.namespace": "x" })], ["Ingress", "Egress"]],
  ])("%s", (_, policies, directions) => {
    const { findings } = judge(defaultDeny, [api(), ...policies]);
    expect(findings.map(({ problem }) => problem)).toEqual(
      directions.map((each) => `no NetworkPolicy of the namespace denies ${each.toLowerCase()} to every pod`),
    );
  });

  test("may be two policies, one for each way, and is not asked for where no pods are", () => {
    const halves = [denyAll({ policyTypes: ["Egress"] }), denyAll({ policyTypes: ["Ingress"] })];
    expect(judge(defaultDeny, [api(), ...halves]).findings).toEqual([]);
    expect(judge(defaultDeny, [kubernetes({ kind: "ConfigMap" })]).findings).toEqual([]);
  });
});

describe("pods", () => {
  test.each([
    ["that no policy selects", [denyAll(), forApi({ podSelector: { matchLabels: { a: "b" } } })]],
    ["whose policy allows nothing", [denyAll(), forApi({ ingress: undefined })]],
    ["whose policy is in another namespace", [denyAll(), change(forApi(), { "metadata.namespace": "x" })]],
    [
      "that an expression leaves out",
      [
        denyAll(),
        forApi({
          podSelector: {
            matchExpressions: [{ key: "app.kubernetes.io/name", operator: "NotIn", values: ["attic"] }],
          },
        }),
      ],
    ],
  ])("%s are found", (_, policies) => {
    expect(only(judge(podsCovered, [api(), ...policies])).problem).toContain("may talk to nobody");
  });

  test("of the database are known by the operator's labels", () => {
    const other = change(forDatabase, { "spec.podSelector.matchLabels": { "cnpg.io/cluster": "other" } });
    expect(only(judge(podsCovered, [cluster(), denyAll(), other])).resource).toBe(
      "Cluster nix-cache/attic-pg",
    );
  });

  test("without any policy are told elsewhere", () => {
    expect(judge(podsCovered, [api()]).findings).toEqual([]);
  });

  test.each(["In", "Exists"])("can be selected by %s", (operator) => {
    const expression = { key: "app.kubernetes.io/name", operator, values: ["attic"] };
    const selected = forApi({ podSelector: { matchExpressions: [expression] } });
    expect(judge(podsCovered, [api(), denyAll(), selected]).findings).toEqual([]);
  });
});

describe("an ingress rule", () => {
  test.each([
    [
      "from everywhere",
      { from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] },
      "spec.ingress[0].from[0].ipBlock.cidr",
    ],
    [
      "from everywhere, by IPv6",
      { from: [traefik, { ipBlock: { cidr: "::/0" } }] },
      "spec.ingress[0].from[1].ipBlock.cidr",
    ],
    [
      "from half of everywhere",
      { from: [{ ipBlock: { cidr: "128.0.0.0/1" } }] },
      "spec.ingress[0].from[0].ipBlock.cidr",
    ],
    ["from whomever", { ports: [{ port: 80 }] }, "spec.ingress[0].from"],
    ["from an empty list", { from: [] }, "spec.ingress[0].from"],
    ["from every pod", { from: [{ namespaceSelector: {} }] }, "spec.ingress[0].from[0].namespaceSelector"],
  ])("%s is found", (_, rule, field) => {
    expect(fields(judge(noOpenIngress, forApi({ ingress: [rule] })))).toEqual([field]);
  });

  test.each([
    ["from a network", { from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }],
    ["from some pods of every namespace", { from: [{ ...traefik, namespaceSelector: {} }] }],
    ["from the pods of its own namespace", { from: [{ podSelector: {} }] }],
  ])("%s is fine", (_, rule) => {
    expect(judge(noOpenIngress, forApi({ ingress: [rule] })).findings).toEqual([]);
  });

  test("that is not known yet keeps nobody from judging the others", () => {
    const { findings, open } = judge(noOpenIngress, forApi({ ingress: [{ from: UNKNOWN }, {}] }));
    expect([findings.map(({ field }) => field), open.length]).toEqual([["spec.ingress[1].from"], 1]);
  });
});

describe("an egress rule", () => {
  const egress = (...ranges: object[]) =>
    forApi({ egress: [{ to: ranges.map((ipBlock) => ({ ipBlock })) }] });
  const denied = ["169.254.0.0/16"];

  test.each([
    ["to everywhere", [{ cidr: "0.0.0.0/0" }], 1],
    ["to everywhere but metadata", [{ cidr: "0.0.0.0/0", except: denied }], 0],
    ["to everywhere but some metadata", [{ cidr: "0.0.0.0/0", except: ["169.254.169.0/25"] }], 1],
    ["to everywhere but the very address", [{ cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] }], 0],
    ["to metadata alone", [{ cidr: "169.254.169.254/32" }], 1],
    ["to everywhere by IPv6", [{ cidr: "::/0" }], 1],
    [
      "to everywhere by IPv6 but metadata",
      [{ cidr: "::/0", except: ["fd00:ec2::254/128", "fd20:ce::/64"] }],
      0,
    ],
    ["to the DNS cache beside it", [{ cidr: "169.254.20.10/32" }], 0],
    ["to a network", [{ cidr: "10.0.0.0/8" }], 0],
    ["to two ranges, one of them wide", [{ cidr: "10.0.0.0/8" }, { cidr: "160.0.0.0/4" }], 1],
  ])("%s", (_, ranges, count) => {
    expect(judge(noMetadataEgress, egress(...ranges)).findings).toHaveLength(count);
  });

  test("to whomever is found", () => {
    expect(fields(judge(noMetadataEgress, forApi({ egress: [{ ports: [{ port: 443 }] }] })))).toEqual([
      "spec.egress[0].to",
    ]);
  });

  test("is judged by the addresses that the stack names", () => {
    expect(
      judge(noMetadataEgress, egress({ cidr: "100.64.0.0/10" }), { addresses: ["100.100.100.200"] }).findings,
    ).toHaveLength(1);
  });
});

describe("a range", () => {
  const address = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => [...bytes].join("."));

  test("holds an address just when their first bits are the same", () => {
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 32 }), (one, other, prefix) => {
        const bits = (text: string) =>
          text
            .split(".")
            .map((byte) => Number(byte).toString(2).padStart(8, "0"))
            .join("")
            .slice(0, prefix);
        expect(holds(`${one}/${prefix}`, other)).toBe(bits(one) === bits(other));
      }),
    );
  });

  test("never holds one of another family, nor what is no address", () => {
    expect(holds("::/0", "169.254.169.254")).toBe(false);
    expect(holds("0.0.0.0/0", "fd00:ec2::254")).toBe(false);
    expect(holds("nonsense", "10.0.0.1")).toBe(false);
  });
});
