import { describe, expect, it } from "vitest";
import { check } from "../../../../../embedded/providers/kubernetes/check.ts";
import { ClusterSource } from "../../../../../embedded/providers/kubernetes/cluster.ts";
import { parseSettings } from "../../../../../embedded/providers/kubernetes/config.ts";
import type { CheckRequest, Context, Props } from "../../../../../embedded/providers/provider.ts";
import { Secret, UNKNOWN } from "../../../../../embedded/providers/struct.ts";

const warnings: string[] = [];
const context: Context = {
  log: (_, message) => warnings.push(message),
  status() {},
  signal: new AbortController().signal,
};
const nowhere = new ClusterSource(parseSettings({ kubeconfig: "/none/such" }, {}), {});

function checked(token: string, news: Props, more: Partial<CheckRequest> = {}) {
  const type = `kubernetes:${token}`;
  const urn = `urn:pulumi:dev::p::${type}::My Thing`;
  const request = {
    urn,
    type,
    name: "My Thing",
    olds: {},
    news,
    randomSeed: Uint8Array.of(1, 2, 3),
    ...more,
  };
  return check(request, nowhere, context);
}

describe("without a cluster, an object's inputs", () => {
  it("get their kind from the type, and the default namespace", async () => {
    expect(await checked("apps/v1:Deployment", { metadata: { name: "a" } })).toEqual({
      inputs: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a", namespace: "default" } },
      failures: [],
    });
  });

  it("have no namespace where their kind has none, or none that is known", async () => {
    const namespaceOf = async (token: string, metadata: Props) =>
      ((await checked(token, { metadata })).inputs.metadata as Props).namespace;
    expect(await namespaceOf("core/v1:Namespace", { name: "a", namespace: "b" })).toBeUndefined();
    expect(await namespaceOf("traefik.io/v1alpha1:IngressRoute", { name: "a" })).toBeUndefined();
    expect(await namespaceOf("traefik.io/v1alpha1:IngressRoute", { name: "a", namespace: "b" })).toBe("b");
  });

  it("lose what only the server may set", async () => {
    const metadata = { name: "a", namespace: "b", uid: "u", resourceVersion: "1", managedFields: [] };
    const { inputs } = await checked("core/v1:ConfigMap", { metadata });
    expect(inputs.metadata).toEqual({ name: "a", namespace: "b" });
  });

  it("may be unknown", async () => {
    const metadata = { name: UNKNOWN, namespace: UNKNOWN };
    expect(await checked("core/v1:ConfigMap", { metadata })).toMatchObject({
      inputs: { metadata },
      failures: [],
    });
    expect((await checked("core/v1:ConfigMap", { metadata: UNKNOWN })).failures).toEqual([]);
  });

  it("of a Secret are secret, though the program did not say so", async () => {
    const { inputs } = await checked("core/v1:Secret", { metadata: { name: "a" }, stringData: { p: "x" } });
    expect(inputs.stringData).toEqual(new Secret({ p: "x" }));
    expect(inputs.data).toBeUndefined();
  });
});

describe("an automatic name", () => {
  const nameOf = ({ inputs }: { inputs: Props }) => (inputs.metadata as Props).name;

  it("is the logical name and eight characters, the same for the same seed", async () => {
    const one = await checked("core/v1:ConfigMap", {});
    expect(nameOf(one)).toMatch(/^my-thing-[a-z0-9]{8}$/);
    expect(nameOf(await checked("core/v1:ConfigMap", {}))).toBe(nameOf(one));
    expect((one.inputs.metadata as Props).annotations).toEqual({ "pulumi.com/autonamed": "true" });
  });

  it("is kept in updates", async () => {
    const olds = { metadata: { name: "kept-1", annotations: { "pulumi.com/autonamed": "true" } } };
    expect(nameOf(await checked("core/v1:ConfigMap", {}, { olds }))).toBe("kept-1");
  });

  it("is the engine's own when it proposes one, and none when it forbids them", async () => {
    const autonaming = { proposedName: "proposed", mode: "propose" } as const;
    expect(nameOf(await checked("core/v1:ConfigMap", {}, { autonaming }))).toBe("proposed");
    const { failures } = await checked(
      "core/v1:ConfigMap",
      {},
      { autonaming: { ...autonaming, mode: "disable" } },
    );
    expect(failures).toEqual([{ property: "metadata.name", reason: expect.stringContaining("disabled") }]);
  });
});

describe("mistakes", () => {
  it.each<[string, string, Props, string, RegExp]>([
    [
      "a name no object can have",
      "core/v1:ConfigMap",
      { metadata: { name: "Not_OK" } },
      "metadata.name",
      /"Not_OK" can't be the name of a ConfigMap/,
    ],
    [
      "a generated name",
      "core/v1:ConfigMap",
      { metadata: { generateName: "a-" } },
      "metadata.generateName",
      /server-side apply needs a name/,
    ],
    ["a kind that is no text", "core/v1:ConfigMap", { kind: 7 }, "kind", /kind must be a text, found 7/],
    ["metadata that is no object", "core/v1:ConfigMap", { metadata: "a" }, "metadata", /must be an object/],
    [
      "a wait that can't be",
      "core/v1:ConfigMap",
      { metadata: { name: "a", annotations: { "pulumi.com/waitFor": "ready" } } },
      'metadata.annotations["pulumi.com/waitFor"]',
      /found "ready"; allowed: condition=TYPE/,
    ],
    ["a type the stand-in lacks", "yaml:ConfigFile", {}, "", /YAML files/],
  ])("such as %s are named by property", async (_, token, news, property, reason) => {
    const { failures } = await checked(token, news);
    expect(failures).toEqual([{ property, reason: expect.stringMatching(reason) }]);
  });

  it("do not include names that RBAC allows", async () => {
    const { failures } = await checked("rbac.authorization.k8s.io/v1:ClusterRole", {
      metadata: { name: "system:A" },
    });
    expect(failures).toEqual([]);
  });
});

it("a Helm release passes through a preview, with a warning", async () => {
  const news = { chart: "traefik" };
  expect(await checked("helm.sh/v3:Release", news)).toEqual({ inputs: news });
  expect(warnings.at(-1)).toContain("does not do Helm");
});
