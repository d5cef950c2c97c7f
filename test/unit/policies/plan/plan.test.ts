import { describe, expect, test } from "vitest";
import type { SubjectValues } from "../../../../policies/framework/subject.ts";
import { reviewPlan, type Step } from "../../../../policies/plan.ts";
import { api, backupStore, change, cluster, collector, cronJob, IMAGE, migrations } from "../fixtures.ts";
import { kubernetes, resource } from "../support.ts";

const UNKNOWN_ON_THE_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const OTHER = IMAGE.replace("b7c9", "0000");
const CONTAINER = "spec.template.spec.containers.0.image";

const state = ({ type, properties }: SubjectValues) => ({ type, inputs: properties });
const step = (op: string, before?: SubjectValues, after?: SubjectValues): Step => ({
  op,
  urn: (before ?? after)?.urn ?? "",
  old: before && state(before),
  new: after && state(after),
});
const told = (...steps: Step[]) =>
  reviewPlan(steps).findings.map(({ rule, resource }) => `${rule} ${resource}`);

const bucket = resource("aws:s3/bucket:Bucket", "nars", { bucket: "nix-cache" });
const key = resource("tls:index/privateKey:PrivateKey", "signing-key", { algorithm: "RSA" });
const namespace = kubernetes({ kind: "Namespace", metadata: { name: "nix-cache" } });

describe("a plan", () => {
  test("that makes, updates or leaves things is fine", () => {
    const irreplaceable = [bucket, key, namespace, cluster()];
    for (const op of ["create", "update", "same", "refresh", "import"]) {
      expect(
        told(...irreplaceable.map((each) => step(op, op === "create" ? undefined : each, each))),
      ).toEqual([]);
    }
  });

  test.each(["delete", "replace", "create-replacement", "delete-replaced", "discard"])(
    "that would %s what cannot be made again is refused",
    (op) => {
      expect(told(...[bucket, key, namespace, cluster()].map((each) => step(op, each, each)))).toEqual([
        "no-loss Bucket nars",
        "no-loss PrivateKey signing-key",
        "no-loss Namespace nix-cache",
        "no-loss Cluster nix-cache/attic-pg",
      ]);
    },
  );

  test.each([
    ["a volume", kubernetes({ kind: "PersistentVolumeClaim" }), "PersistentVolumeClaim nix-cache/attic"],
    ["a database of RDS", resource("aws:rds/instance:Instance", "db", {}), "Instance db"],
    ["a cluster of RDS", resource("aws:rds/cluster:Cluster", "db", {}), "Cluster db"],
    ["a KMS key", resource("aws:kms/key:Key", "nars", {}), "Key nars"],
  ])("that would delete %s is refused", (_, lost, title) => {
    expect(told(step("delete", lost))).toEqual([`no-loss ${title}`]);
  });

  test("that deletes what is easily made again is fine", () => {
    expect(told(step("delete", kubernetes({ kind: "ConfigMap" })))).toEqual([]);
  });

  describe("with a new signing key", () => {
    const urn = (type: string, name: string) =>
      `urn:pulumi:staging::attic::attic:index:Attic$attic:tokens:SigningKey$${type}::${name}`;
    const signing = { ...key, urn: urn("tls:index/privateKey:PrivateKey", "signing-key") };
    const made = (name = "signing-key-made") =>
      resource("pulumi:index:Stash", name, {}, { urn: urn("pulumi:index:Stash", name) });
    const steps = ["create-replacement", "replace", "delete-replaced"];

    test("is fine when its generation was raised, which sets its time anew", () => {
      const both = [signing, made()].flatMap((each) => steps.map((op) => step(op, each, each)));
      expect(told(...both)).toEqual([]);
    });

    test("is refused when its time stays, or another one's is set, or the key is not made again", () => {
      const refused = ["no-loss PrivateKey signing-key"];
      const replaced = steps.map((op) => step(op, signing, signing));
      expect(told(...replaced, step("same", made(), made()))).toEqual(refused);
      expect(told(...replaced, step("replace", made("other-made"), made("other-made")))).toEqual(refused);
      expect(told(step("delete", signing), step("delete", made()))).toEqual(refused);
    });
  });

  test("tells a replacement once, though it is several steps", () => {
    const steps = ["create-replacement", "replace", "delete-replaced"].map((op) => step(op, bucket, bucket));
    expect(told(...steps)).toEqual(["no-loss Bucket nars"]);
  });

  test("may lose what is excepted; exceptions that nothing needs are told", () => {
    const except = {
      "no-loss": { "PrivateKey/signing-key": "all tokens are void: one leaked", "Bucket/nars": "was moved" },
    };
    expect(reviewPlan([step("delete", key)], except)).toEqual({
      findings: [],
      unusedExceptions: ["no-loss Bucket/nars"],
    });
    const another = { "no-shrinking": { "PrivateKey/signing-key": "is no matter of size" } };
    expect(reviewPlan([step("delete", key)], another).findings).toHaveLength(1);
  });

  test("is read from `pulumi preview --json`, too", () => {
    const item = { op: "delete", urn: bucket.urn, oldState: state(bucket) };
    expect(told(item)).toEqual(["no-loss Bucket nars"]);
  });
});

describe("the database", () => {
  const changed = (changes: Record<string, unknown>) => step("update", cluster(), change(cluster(), changes));

  test("must not shrink", () => {
    expect(reviewPlan([changed({ "spec.storage.size": "5Gi" })]).findings[0]?.found).toBe(
      '"10 GiB to 5 GiB"',
    );
    expect(told(changed({ "spec.storage.size": "20Gi" }))).toEqual([]);
    expect(told(changed({ "spec.storage.size": UNKNOWN_ON_THE_WIRE }))).toEqual([]);
  });

  test("must not go to an older major version", () => {
    const older = changed({ "spec.imageName": "ghcr.io/cloudnative-pg/postgresql:16.9-minimal-bookworm" });
    expect(told(older)).toEqual(["database-version Cluster nix-cache/attic-pg"]);
  });

  test("goes to a newer major version under a new name in the archive", () => {
    const image = { "spec.imageName": "ghcr.io/cloudnative-pg/postgresql:18.0-minimal-bookworm" };
    expect(told(changed(image))).toEqual(["database-version Cluster nix-cache/attic-pg"]);
    expect(told(changed({ ...image, "spec.plugins.0.parameters.serverName": "attic-pg-18" }))).toEqual([]);
  });

  test("goes to another minor version as it is", () => {
    expect(
      told(changed({ "spec.imageName": "ghcr.io/cloudnative-pg/postgresql:17.6-minimal-bookworm" })),
    ).toEqual([]);
  });

  test("must not lose backups by a shorter retention", () => {
    const shorter = (retentionPolicy: string) =>
      told(step("update", backupStore(), change(backupStore(), { "spec.retentionPolicy": retentionPolicy })));
    expect(shorter("7d")).toEqual(["no-shrinking ObjectStore nix-cache/attic-pg"]);
    expect(shorter("5w")).toEqual([]);
  });
});

describe("how long paths are kept by default", () => {
  const toml = (retention: string) => `[garbage-collection]\ninterval = "12h"\n${retention}\n`;
  const settings = (text: string) => kubernetes({ data: { "server.toml": text } });
  const changed = (before: string, after: string) =>
    step("update", settings(toml(before)), settings(toml(after)));
  const period = (span: string) => `default-retention-period = "${span}"`;

  test.each([
    ["3 months", "3m"],
    ["3M", "3 minutes"],
    ["90 days", "89days 23h"],
    ["0s", "10 years"],
    ["0", "10 years"],
  ])("must not go from %s to %s", (before, after) => {
    const [finding, ...others] = reviewPlan([changed(period(before), period(after))]).findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      rule: "no-shrinking",
      resource: "ConfigMap nix-cache/attic",
      found: `"${before} to ${after}"`,
    });
  });

  test("must not be given where paths were kept for ever", () => {
    expect(reviewPlan([changed("", period("1 year"))]).findings[0]?.found).toBe('"for ever to 1 year"');
  });

  test.each([
    ["3 months", "3 months"],
    ["3m", "3M"],
    ["14 days", "2 weeks"],
    ["10 years", "0s"],
  ])("may go from %s to %s", (before, after) => {
    expect(told(changed(period(before), period(after)))).toEqual([]);
  });

  test("may be left out, or be what cannot be read, or not be known yet", () => {
    expect(told(changed(period("1 year"), ""))).toEqual([]);
    expect(told(changed(period("1 year"), period("a while")))).toEqual([]);
    const unknown = kubernetes({ data: { "server.toml": UNKNOWN_ON_THE_WIRE } });
    expect(told(step("update", settings(toml(period("1 year"))), unknown))).toEqual([]);
  });

  test("is told once when the ConfigMap is replaced for it, and may be shortened with a reason", () => {
    const [before, after] = [settings(toml(period("3 months"))), settings(toml(period("30 days")))];
    const steps = ["create-replacement", "replace"].map((op) => step(op, before, after));
    expect(told(...steps)).toHaveLength(1);
    const except = { "no-shrinking": { "ConfigMap/attic": "the bucket is too full, see the runbook" } };
    expect(reviewPlan(steps, except)).toEqual({ findings: [], unusedExceptions: [] });
  });

  test("is nothing of other ConfigMaps", () => {
    const other = (text: string) => kubernetes({ data: { "other.toml": toml(period(text)) } });
    expect(told(step("update", other("1 year"), other("1 day")))).toEqual([]);
  });
});

describe("a new image of the server", () => {
  const updated = (workload: SubjectValues) =>
    step("update", workload, change(workload, { [CONTAINER]: OTHER }));
  const newJob = change(migrations(), { [CONTAINER]: OTHER, "metadata.name": "attic-migrate-ffffffff" });

  test("comes with a Job that migrates to it", () => {
    const replaced = step("create-replacement", migrations(), newJob);
    expect(told(updated(api()), updated(collector()), replaced)).toEqual([]);
  });

  test("without such a Job is refused", () => {
    expect(told(updated(api()), step("same", migrations(), migrations()))).toEqual([
      "migrated-images Deployment nix-cache/attic",
    ]);
  });

  test("must not change the Job in place", () => {
    const inPlace = step("update", migrations(), change(migrations(), { [CONTAINER]: OTHER }));
    expect(told(inPlace)).toEqual(["migrated-images Job nix-cache/attic-migrate-1a2b3c4d"]);
  });

  test("is looked for beside workloads of which something is not known yet", () => {
    for (const unknown of [
      change(cronJob(), { "spec.jobTemplate.spec.template.spec.containers.0.image": UNKNOWN_ON_THE_WIRE }),
      change(cronJob(), { "spec.jobTemplate.spec.template.spec.containers.0.args.0": UNKNOWN_ON_THE_WIRE }),
      change(collector(), { "spec.template.spec.containers": UNKNOWN_ON_THE_WIRE }),
    ]) {
      expect(told(step("create", undefined, unknown), updated(api()))).toEqual([
        "migrated-images Deployment nix-cache/attic",
      ]);
    }
  });

  test("is left open while a Job is not known yet, which may be the one that migrates", () => {
    const unknown = change(migrations(), { [CONTAINER]: UNKNOWN_ON_THE_WIRE });
    expect(told(updated(api()), step("create-replacement", migrations(), unknown))).toEqual([]);
  });

  test("is none when something else changes", () => {
    expect(
      told(step("update", api(), change(api(), { "spec.template.spec.terminationGracePeriodSeconds": 60 }))),
    ).toEqual([]);
  });
});
