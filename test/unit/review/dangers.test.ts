import { describe, expect, test } from "vitest";
import { dangers } from "../../../review/dangers.ts";
import { stepsOf } from "../../../review/steps.ts";
import { event } from "./engine.ts";

describe("what is lost", () => {
  const lossOf = (type: string, name: string, op = "delete") =>
    dangers(stepsOf([event(type, name, { op, old: {}, new: {} })]))[0]?.loss;

  test.each([
    ["kubernetes:postgresql.cnpg.io/v1:Cluster", "attic-pg", "the database"],
    ["aws:rds/cluster:Cluster", "attic", "the database"],
    ["aws:rds/instance:Instance", "attic", "the database"],
    ["aws:s3/bucket:Bucket", "nars", "the bucket"],
    ["aws:s3/bucketVersioning:BucketVersioning", "nars", "the versions to come"],
    ["aws:kms/key:Key", "nars", "nobody can read"],
    ["kubernetes:core/v1:Namespace", "nix-cache", "everything in the namespace"],
    ["kubernetes:core/v1:PersistentVolumeClaim", "data", "the volume"],
    ["kubernetes:apps/v1:StatefulSet", "attic", "the running pods"],
    ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "attic", "who reaches its pods"],
    ["kubernetes:postgresql.cnpg.io/v1:ScheduledBackup", "attic-pg", "no more backups are made"],
    ["kubernetes:helm.sh/v3:Release", "traefik", "all that the chart made"],
    ["tls:index/privateKey:PrivateKey", "signing-key", "every token"],
    ["tls:index/privateKey:PrivateKey", "cache-main", "no longer trust what it signed"],
  ])("with a %s %s", (type, name, words) => {
    expect(lossOf(type, name)).toContain(words);
  });

  test("goes by the whole type, and not by its last word", () => {
    expect(lossOf("aws:ecs/cluster:Cluster", "a")).not.toContain("database");
    expect(lossOf("aws:apigateway/deployment:Deployment", "a")).not.toContain("pods");
  });

  test.each(["delete", "replace"])("with what nobody knows is not said to be nothing on a %s", (op) => {
    expect(lossOf("aws:sqs/queue:Queue", "a", op)).toBe("the object; nobody has said what is lost with it");
  });

  test("is nothing with what is made anew, which what is deleted is not", () => {
    const type = "kubernetes:policy/v1:PodDisruptionBudget";
    expect(lossOf(type, "attic", "replace")).toBe("");
    expect(lossOf(type, "attic", "delete")).toContain("nobody has said what is lost");
  });

  test("comes first", () => {
    const all = dangers(
      stepsOf([
        event("kubernetes:policy/v1:PodDisruptionBudget", "a", { op: "replace", old: {}, new: {} }),
        event("aws:s3/bucket:Bucket", "nars", { op: "replace", old: {}, new: {} }),
        event("kubernetes:core/v1:Service", "kept", { op: "same", old: {}, new: {} }),
      ]),
    );
    expect(all.map(({ step, loss }) => [step.name, loss !== ""])).toEqual([
      ["nars", true],
      ["a", false],
    ]);
  });
});
