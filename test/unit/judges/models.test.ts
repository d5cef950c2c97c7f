import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stackNames } from "../../../config/stack-file.ts";
import { emittedManifests, type JudgedObject } from "../../../judges/manifests.ts";
import { modelComplaint } from "../../../judges/models.ts";

const now = new Date("2026-11-21T08:00:00Z");
const project = join(import.meta.dirname, "../../..");

/** Whether an object is of a group that Kubernetes itself does not have. */
const isCustom = ({ apiVersion }: JudgedObject) =>
  /\..*\//.test(apiVersion) && !apiVersion.includes(".k8s.io/");

describe.each(stackNames(project).sort())("the custom resources of %s", async (stack) => {
  const custom = (await emittedManifests(stack, now)).filter(isCustom);

  test("are what the operators' Go types allow", async () => {
    const complaints = await Promise.all(
      custom.map(async (object) => [`${object.kind}/${object.metadata.name}`, await modelComplaint(object)]),
    );
    const judged = complaints.filter(([, complaint]) => complaint !== undefined);
    expect(judged.filter(([, complaint]) => complaint !== null)).toEqual([]);
    expect(judged.length).toBeGreaterThan(15);
  });

  test("all have a model, except barman-cloud's, which the API server alone judges", async () => {
    const without: string[] = [];
    for (const object of custom) {
      if ((await modelComplaint(object)) === undefined) without.push(`${object.apiVersion} ${object.kind}`);
    }
    expect(without).toEqual(["barmancloud.cnpg.io/v1 ObjectStore"]);
  });

  test("with a field of a wrong type are refused, each kind of them", async () => {
    const kinds = [...new Map(custom.map((object) => [object.kind, object])).values()];
    for (const object of kinds) {
      const complaint = await modelComplaint({ ...object, spec: "wrong" });
      if (complaint !== undefined) expect(complaint, object.kind).toMatch(/spec/);
    }
  });
});

test("objects of Kubernetes itself have no model here", async () => {
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "attic" } };
  expect(await modelComplaint(service)).toBeUndefined();
});

test("a kind that its group does not have is an error, not a pass", async () => {
  const nonsense = { apiVersion: "traefik.io/v1alpha1", kind: "IngressRoad", metadata: { name: "attic" } };
  await expect(modelComplaint(nonsense)).rejects.toThrow();
});
