import { describe, expect, test } from "vitest";
import { networkPolicies } from "../../../../components/network/policies.ts";
import { ours } from "../../../../judges/network-policies/actors.ts";
import { allows } from "../../../../judges/network-policies/evaluate.ts";
import {
  cells,
  described,
  differences,
  type End,
  everyPort,
  kinds,
  table,
  target,
} from "../../../support/live/cells.ts";
import { clusterStack } from "../../components/network/actors.ts";

const pod = (name: string, address: string): End => ({
  name,
  address,
  pod: { namespace: "a", labels: { app: name } },
});
const [web, client] = [pod("web", "10.0.0.1"), pod("client", "10.0.0.2")];
const policy = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "web", namespace: "a" },
  spec: { podSelector: { matchLabels: { app: "web" } }, ingress: [{ ports: [{ port: 80 }] }] },
};
const ports = [
  { port: 80, protocol: "TCP" as const },
  { port: 53, protocol: "UDP" as const },
];
const tried = () =>
  cells(
    [policy],
    [client, web],
    [
      { end: web, ports },
      { end: client, ports: ports.slice(0, 1) },
    ],
  );

describe("what is tried", () => {
  test("is every port of everybody else, with what the policies say of it", () => {
    expect(tried().map((cell) => `${cell.from.name} ${target(cell)} ${cell.expected}`)).toEqual([
      "client 10.0.0.1:80 open",
      "client 10.0.0.1:53/udp closed",
      "web 10.0.0.2:80 open",
    ]);
  });

  test("differs where packets pass that should not, where none do that should, and where nobody can tell", () => {
    const [open, closed, other] = tried();
    if (!open || !closed || !other) throw new Error("three are tried");
    const verdicts = ["open", "refused", "silent", "network is unreachable", "not told", undefined];
    const outcomes = (cell: typeof open) =>
      verdicts.filter((verdict) => differences([{ ...cell, verdict }]).length > 0);
    expect(outcomes(open)).toEqual(["silent", "network is unreachable", "not told", undefined]);
    expect(outcomes(closed)).toEqual(["open", "refused", "network is unreachable", "not told", undefined]);
    expect(described({ ...closed, verdict: "open" })).toBe(
      "client → web 53/udp: open, though closed by the policies",
    );
  });

  test("is shown with the ports that are open", () => {
    const verdicts = ["open", "silent", "refused"];
    expect(table(tried().map((cell, at) => ({ ...cell, verdict: verdicts[at] })))).toBe(
      [
        "| from ↓ to → | web | client |",
        "| --- | --- | --- |",
        "| client | 80 |  |",
        "| web |  | all |",
      ].join("\n"),
    );
  });
});

describe("the kinds of pods", () => {
  test("are those of the namespaces that there are", () => {
    expect(kinds(["monitoring"]).map(({ name }) => name)).toEqual(["Prometheus"]);
    expect(kinds([])).toEqual([]);
  });

  test("have no label by which a ReplicaSet, a database's Services or a Job would take them for their own", () => {
    const labels = new Set(kinds(["nix-cache", "traefik"]).flatMap(({ labels }) => Object.keys(labels)));
    for (const label of ["pod-template-hash", "cnpg.io/instanceRole", "cnpg.io/instanceName"]) {
      expect(labels).not.toContain(label);
    }
    expect(labels).toContain("cnpg.io/podRole");
  });

  test("are known to the stack's policies as the ones that they stand for", () => {
    const policies = networkPolicies(clusterStack());
    const all = kinds(["nix-cache"]);
    expect(all.map(({ name }) => name)).toEqual(Object.keys(ours));
    for (const { name, namespace, labels } of all) {
      const real = ours[name as keyof typeof ours];
      const standsFor = { address: real.address, pod: { namespace, labels } };
      for (const other of Object.values(ours)) {
        for (const port of everyPort) {
          expect(allows(policies, standsFor, other, port)).toBe(allows(policies, real, other, port));
          expect(allows(policies, other, standsFor, port)).toBe(allows(policies, other, real, port));
        }
      }
    }
  });
});
