import { describe, expect, test } from "vitest";
import { scalingChanges } from "../../../review/scaling.ts";
import { stepsOf } from "../../../review/steps.ts";
import { event } from "./engine.ts";

const hpa = (minReplicas: number, maxReplicas: number) => ({
  kind: "HorizontalPodAutoscaler",
  spec: { minReplicas, maxReplicas },
});
const hpaType = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";

describe("scaling", () => {
  const changes = (type: string, old?: object, next?: object) =>
    scalingChanges(stepsOf([event(type, "attic", { op: old ? "update" : "create", old, new: next })]));
  const rows = (type: string, old?: object, next?: object) =>
    changes(type, old, next).map(({ field, before, after }) => [field, before, after]);
  const deploymentType = "kubernetes:apps/v1:Deployment";
  const deployment = (containers: unknown) => ({ spec: { template: { spec: { containers } } } });
  const attic = (resources: unknown) => deployment([{ name: "attic", resources }]);
  const notKnown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const later = "[known after up]";

  test("is the numbers that changed, and no others", () => {
    expect(changes(hpaType, hpa(2, 10), hpa(3, 10))).toEqual([
      { object: "HorizontalPodAutoscaler attic", field: "replicas at least", before: "2", after: "3" },
    ]);
  });

  test("is how far the pods are to be used before there are more", () => {
    const metric = { resource: { name: "cpu", target: { averageUtilization: 70 } } };
    expect(rows(hpaType, { spec: {} }, { spec: { metrics: [metric] } })).toEqual([
      ["cpu utilization, %", "–", "70"],
    ]);
  });

  test("is what each container requests and may use", () => {
    const small = { requests: { cpu: "100m", memory: "1Gi" }, limits: { memory: "1Gi" } };
    const large = { requests: { cpu: "200m", memory: "1Gi" }, limits: { memory: "2Gi" } };
    expect(rows(deploymentType, attic(small), attic(large))).toEqual([
      ["attic: cpu requested", "100m", "200m"],
      ["attic: memory at most", "1Gi", "2Gi"],
    ]);
  });

  test("is when a job runs, and what it requests", () => {
    const job = (schedule: string) => ({
      spec: { schedule, jobTemplate: attic({ requests: { cpu: "50m" } }) },
    });
    expect(rows("kubernetes:batch/v1:CronJob", undefined, job("0 4 * * *"))).toEqual([
      ["schedule", "–", "0 4 * * *"],
      ["attic: cpu requested", "–", "50m"],
    ]);
  });

  test("is how large the database is", () => {
    const cluster = (instances: number, size: string) => ({ spec: { instances, storage: { size } } });
    expect(rows("kubernetes:postgresql.cnpg.io/v1:Cluster", cluster(2, "10Gi"), cluster(3, "20Gi"))).toEqual([
      ["instances", "2", "3"],
      ["volume", "10Gi", "20Gi"],
    ]);
  });

  test.each([
    "aws:rds/cluster:Cluster",
    "aws:eks/cluster:Cluster",
    "aws:apigateway/deployment:Deployment",
    "kubernetes:example.com/v1:Deployment",
  ])("is nothing of a %s, whose name alone is like one", (type) => {
    expect(changes(type, undefined, { restApi: "a", spec: { instances: 3 } })).toEqual([]);
  });

  test.each([hpaType, deploymentType, "kubernetes:postgresql.cnpg.io/v1:Cluster"])(
    "is nothing of a %s without a spec",
    (type) => {
      expect(changes(type, undefined, {})).toEqual([]);
    },
  );

  test("is told to be known later where it is", () => {
    const known = attic({ requests: { cpu: "100m" } });
    const row = ["attic: cpu requested", "100m", later];
    expect(rows(hpaType, hpa(2, 10), { spec: notKnown })).toContainEqual(["replicas at least", "2", later]);
    expect(rows(deploymentType, known, { spec: notKnown })).toContainEqual(row);
    expect(rows(deploymentType, known, deployment(notKnown))).toContainEqual(row);
    expect(rows(deploymentType, known, attic({ requests: notKnown }))).toContainEqual(row);
  });
});
