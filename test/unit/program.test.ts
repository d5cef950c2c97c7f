import { describe, expect, test } from "vitest";
import type { Settings } from "../../config/schema/index.ts";
import type { Recording } from "../../render/record.ts";
import { find, object, recordProgram } from "../support/record.ts";
import { externalDatabase, image, s3 } from "../support/settings.ts";

const annotations = (recording: Recording) =>
  object(recording, "Deployment", "attic").spec.template.metadata.annotations as Record<string, string>;

describe.each([
  ["in a preview, when nothing is known yet", true],
  ["in an update", false],
])("the program, %s", (_, preview) => {
  test("makes the objects that the runbook names, in the namespace it names", async () => {
    const recording = await recordProgram({}, { preview });
    const made = recording.resources
      .filter(({ custom }) => custom)
      .map(({ type, name }) => `${type.split(":").pop()} ${name}`);
    expect(made.sort()).toEqual([
      "ConfigMap attic-config",
      "Deployment attic",
      "HorizontalPodAutoscaler attic",
      "Namespace nix-cache",
      "PodDisruptionBudget attic",
      "PrivateKey signing-key",
      "Secret attic-secrets",
      "Service attic",
      "ServiceAccount attic",
    ]);
    for (const { type, inputs } of recording.resources) {
      if (!type.startsWith("kubernetes:") || type.endsWith(":Namespace")) continue;
      expect(inputs).toHaveProperty("metadata.namespace", "nix-cache");
    }
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

  test("waits for the namespace, then for configuration and secrets, then for the pods before it scales them", async () => {
    const recording = await recordProgram({}, { preview });
    const waitsFor = (type: string, name: string) =>
      find(recording, type, name).dependsOn.map((urn) => urn.split("::").pop());
    expect(waitsFor("Attic", "attic")).toEqual(["nix-cache"]);
    expect(waitsFor("AutoscaledDeployment", "attic")).toEqual(["attic-config", "attic-secrets"]);
    expect(find(recording, "HorizontalPodAutoscaler", "attic").dependsOn).toEqual([
      find(recording, "Deployment", "attic").urn,
    ]);
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

  test("of the bounds alone touches the autoscaler alone", async () => {
    const before = await recordProgram();
    const after = await recordProgram({ api: { scaling: { minReplicas: 4 } } });
    const changed = after.resources.filter(
      ({ urn, inputs }) =>
        JSON.stringify(inputs) !== JSON.stringify(before.resources.find((r) => r.urn === urn)?.inputs),
    );
    expect(changed.map(({ type }) => type)).toEqual(["kubernetes:autoscaling/v2:HorizontalPodAutoscaler"]);
  });

  test("of nothing changes nothing", async () => {
    expect(await recordProgram()).toEqual(await recordProgram());
  });
});

test("the outputs say where the cache is and by which key it knows its tokens", async () => {
  const { outputs } = await recordProgram();
  expect(outputs).toMatchObject({
    url: "https://nix-cache.example.com/",
    namespace: "nix-cache",
    service: "attic.nix-cache.svc",
  });
  const pem = Buffer.from(outputs.publicKeyBase64 as string, "base64").toString();
  expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----/);
  expect(outputs.publicKeyBase64).not.toMatch(/\s/);
});

test("a mistake in the configuration stops the program before it makes anything", async () => {
  await expect(recordProgram({ image: image.replace(/:.*/, ":latest") })).rejects.toThrow("attic:image");
});
