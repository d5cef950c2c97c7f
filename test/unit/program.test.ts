import { describe, expect, test } from "vitest";
import type { Settings } from "../../config/schema/index.ts";
import type { Recording } from "../../render/record.ts";
import { find, object, recordAnew, recordProgram } from "../support/record.ts";
import { externalDatabase, image, s3 } from "../support/settings.ts";

const aws = {
  provider: "aws" as const,
  region: "eu-central-1",
  aws: { oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/A" },
};

const annotations = (recording: Recording) =>
  object(recording, "Deployment", "attic").spec.template.metadata.annotations as Record<string, string>;

describe.each([
  ["in a preview, when nothing is known yet", true],
  ["in an update", false],
])("the program, %s", (_, preview) => {
  test("makes the objects that the runbook names, in the namespace it names", async () => {
    const recording = await recordProgram(
      { network: { enabled: false }, ingress: { enabled: false } },
      { preview },
    );
    const made = recording.resources
      .filter(({ custom }) => custom)
      .map(({ type, name }) => `${type.split(":").pop()} ${name}`);
    expect(made.sort()).toEqual([
      "ConfigMap attic-config",
      "ConfigMap attic-dashboard-autoscaling",
      "ConfigMap attic-dashboard-overview",
      "Deployment attic",
      "Deployment attic-gc",
      "HorizontalPodAutoscaler attic",
      "Job attic-migrate",
      "Namespace nix-cache",
      "PodDisruptionBudget attic",
      "PrivateKey signing-key",
      "PrometheusRule attic-alerts",
      "Secret attic-secrets",
      "Service attic",
      "ServiceAccount attic",
      "ServiceAccount attic-gc",
      "ServiceAccount attic-migrate",
      "Stash signing-key-made",
    ]);
    for (const { type, inputs } of recording.resources) {
      if (!type.startsWith("kubernetes:") || type.endsWith(":Namespace")) continue;
      expect(inputs).toHaveProperty("metadata.namespace", "nix-cache");
    }
  });

  test("makes database, buckets and policies where the stack is to have them, and waits for them", async () => {
    const recording = await recordProgram({ database: {}, objectStore: aws }, { preview });
    const cluster = find(recording, "Cluster", "attic-pg");
    expect(cluster.protect).toBe(true);
    const before = (name: string) => find(recording, name, name === "Attic" ? "attic" : "postgres").dependsOn;
    expect(before("Attic")).toContain(cluster.urn);
    const secret = find(recording, "Secret", "attic-secrets").urn;
    expect(before("Postgres")).toContain(secret);
    const policies = recording.resources.filter(({ type }) => type.endsWith(":NetworkPolicy"));
    expect(before("Postgres")).toEqual(expect.arrayContaining(policies.map(({ urn }) => urn)));
    expect(recording.resources.filter(({ type }) => type === "aws:s3/bucket:Bucket")).toHaveLength(2);
  });

  test("shows no secret: not in an input, not in an output", async () => {
    const settings: Partial<Settings> = {
      database: externalDatabase({ password: "hunter2" }),
      objectStore: s3({ credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI" } }),
    };
    const recording = await recordProgram(settings, { preview, secretKeys: ["database", "objectStore"] });
    expect(JSON.stringify(recording)).not.toMatch(/hunter2|AKIAEXAMPLE|wJalrXUtnFEMI|PRIVATE/);
  });

  test("protects the signing key, unless the stack may be thrown away", async () => {
    expect(find(await recordProgram({}, { preview }), "PrivateKey", "signing-key").protect).toBe(true);
    const disposable = await recordProgram({ deletionProtection: false }, { preview });
    expect(find(disposable, "PrivateKey", "signing-key").protect).toBe(false);
  });

  test("leaves the database, and the namespace that it lies in, to the cluster when it is made to let go of them", async () => {
    const kept = ({ resources }: Recording) =>
      resources
        .filter(({ type, retainOnDelete }) => type.startsWith("kubernetes:") && retainOnDelete)
        .map(({ type, name, protect }) => [type.split(":").pop(), name, protect]);
    const own = { database: {}, objectStore: aws };
    expect(kept(await recordProgram(own, { preview }))).toEqual([
      ["Cluster", "attic-pg", true],
      ["Namespace", "nix-cache", true],
    ]);
    expect(kept(await recordProgram({ ...own, deletionProtection: false }, { preview }))).toEqual([]);
  });

  test("waits for the namespace, then the configuration, then the migrations, then the pods before it scales them", async () => {
    const recording = await recordProgram({}, { preview });
    const names = (type: string, name: string) =>
      find(recording, type, name).dependsOn.map((urn) => urn.split("::").pop());
    expect(names("AtticSettings", "attic-settings")).toEqual(["nix-cache"]);
    expect(names("Attic", "attic")).toEqual(
      expect.arrayContaining(["nix-cache", "attic-config", "attic-secrets"]),
    );
    expect(names("AutoscaledDeployment", "attic")).toEqual(["attic-migrate"]);
    expect(names("Deployment", "attic-gc")).toContain("attic-migrate");
    expect(find(recording, "HorizontalPodAutoscaler", "attic").dependsOn).toEqual([
      find(recording, "Deployment", "attic").urn,
    ]);
  });

  test("lets the API and the garbage collector assume a role only when one is configured", async () => {
    const roleArn = "arn:aws:iam::123456789012:role/attic";
    const role = async (settings: Partial<Settings>, account: string) =>
      object(await recordProgram(settings, { preview }), "ServiceAccount", account).metadata.annotations;
    for (const account of ["attic", "attic-gc"]) {
      expect(await role({ objectStore: s3({ roleArn }) }, account)).toEqual({
        "eks.amazonaws.com/role-arn": roleArn,
      });
      expect(await role({}, account)).toBeUndefined();
    }
    expect(await role({ objectStore: s3({ roleArn }) }, "attic-migrate")).toBeUndefined();
  });
});

describe("a change", () => {
  test("of what the server reads at start restarts the pods", async () => {
    const before = annotations(await recordProgram());
    const after = annotations(await recordProgram({ server: { compression: { type: "brotli" } } }));
    expect(after["attic.pulumi/checksum-config"]).not.toBe(before["attic.pulumi/checksum-config"]);
    expect(after["attic.pulumi/checksum-secrets"]).toBe(before["attic.pulumi/checksum-secrets"]);
  });

  test("of a secret restarts the pods", async () => {
    const with_ = async (password: string) =>
      annotations(
        await recordProgram({ database: externalDatabase({ password }) }, { secretKeys: ["database"] }),
      );
    const [before, after] = [await with_("old"), await with_("new")];
    expect(after["attic.pulumi/checksum-secrets"]).not.toBe(before["attic.pulumi/checksum-secrets"]);
    expect(after["attic.pulumi/checksum-config"]).toBe(before["attic.pulumi/checksum-config"]);
  });

  test("of the role restarts the pods that assume it, since each is given it when it is made", async () => {
    const roleOf = async (roleArn?: string) => {
      const recording = await recordProgram(roleArn ? { objectStore: s3({ roleArn }) } : {});
      const pods = (kind: string, name: string) =>
        object(recording, kind, name).spec.template.metadata.annotations?.["attic.pulumi/role-arn"];
      return [pods("Deployment", "attic"), pods("Deployment", "attic-gc"), pods("Job", "attic-migrate")];
    };
    const [one, other] = ["arn:aws:iam::123456789012:role/attic", "arn:aws:iam::123456789012:role/other"];
    expect(await roleOf(one)).toEqual([one, one, undefined]);
    expect(await roleOf(other)).toEqual([other, other, undefined]);
    expect(await roleOf()).toEqual([undefined, undefined, undefined]);
  });

  test("of the bounds alone touches the autoscaler, and the dashboards that draw them", async () => {
    const before = await recordProgram();
    const after = await recordProgram({ api: { scaling: { minReplicas: 4 } } });
    const changed = after.resources.filter(
      ({ urn, inputs }) =>
        JSON.stringify(inputs) !== JSON.stringify(before.resources.find((r) => r.urn === urn)?.inputs),
    );
    expect(changed.map(({ type, name }) => `${type.split(":").pop()} ${name}`).sort()).toEqual([
      "ConfigMap attic-dashboard-autoscaling",
      "ConfigMap attic-dashboard-overview",
      "HorizontalPodAutoscaler attic",
    ]);
  });

  test("of nothing changes nothing", async () => {
    expect(await recordAnew()).toEqual(await recordAnew());
  });
});

test("the outputs say where the cache is and by which key it knows its tokens", async () => {
  const { outputs } = await recordProgram();
  expect(outputs).toMatchObject({
    url: "https://nix-cache.example.com/",
    namespace: "nix-cache",
    service: "attic.nix-cache.svc",
  });
  expect(outputs.clientConfiguration).toContain("extra-substituters = https://nix-cache.example.com/CACHE\n");
  expect(outputs.clientConfiguration).toContain("machine nix-cache.example.com login");
  const pem = Buffer.from(outputs.publicKeyBase64 as string, "base64").toString();
  expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----/);
  expect(outputs.publicKeyBase64).not.toMatch(/\s/);
});

test("a mistake in the configuration stops the program before it makes anything", async () => {
  await expect(recordProgram({ image: image.replace(/:.*/, ":latest") })).rejects.toThrow("attic:image");
});
