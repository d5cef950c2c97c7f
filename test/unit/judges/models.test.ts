import { describe, expect, test } from "vitest";
import { emittedManifests, type JudgedObject } from "../../../judges/manifests.ts";
import { modelComplaint } from "../../../judges/models.ts";
import { subjects } from "../../../judges/subjects.ts";

const now = new Date("2026-11-21T08:00:00Z");

/** Whether an object is of a group that Kubernetes itself does not have. */
const isCustom = ({ apiVersion }: JudgedObject) =>
  /\..*\//.test(apiVersion) && !apiVersion.includes(".k8s.io/");

describe.each(subjects)("the custom resources of $subject", async ({ stack, settings }) => {
  const custom = (await emittedManifests(stack, now, settings)).filter(isCustom);

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
    const withBackups = settings.database?.provider !== "external";
    expect(without).toEqual(withBackups ? ["barmancloud.cnpg.io/v1 ObjectStore"] : []);
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
