import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Settings } from "../../config/schema/index.ts";
import { stackNames } from "../../config/stack-file.ts";
import { type RunOptions, type RunResult, runEngine } from "../../embedded/engine/engine.ts";
import { EngineError } from "../../embedded/engine/errors.ts";
import { chooseProviders, standInNames } from "../../embedded/engine/providers.ts";
import { keptDirectory } from "../../embedded/engine/workspace.ts";
import { previewStack } from "../../embedded/preview/preview.ts";
import program from "../../index.ts";
import type { PackConfig } from "../../policies/framework/config.ts";
import { kubectl, kubectlOutput } from "../support/control-plane.ts";
import { least } from "../support/settings.ts";
import { type TestStack, testStack } from "../support/stack.ts";

const project = join(import.meta.dirname, "../..");
const PACK = join(project, "policies");

let folder: string;
let stack: TestStack;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "attic-policies-test-"));
  stack = testStack();
});
afterAll(async () => {
  await stack.run("destroy", least);
  stack.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a program of a few resources by the engine, checked by the pack with these settings. */
function run(
  action: RunOptions["action"],
  program: RunOptions["program"],
  config: PackConfig,
): Promise<RunResult> {
  const policyPackConfig = join(folder, "settings.json");
  writeFileSync(policyPackConfig, JSON.stringify(config));
  return stack.run(action, least, { program, policyPack: PACK, policyPackConfig });
}

async function failure(work: Promise<unknown>): Promise<EngineError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

const name = "policies-test";
const named = { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "test" };

/** A Secret that lacks two of the labels. */
async function unlabelled() {
  new kubernetes.core.v1.Secret(name, {
    metadata: { name, namespace: "default", labels: named },
    stringData: { password: pulumi.secret("correct-horse-battery") },
  });
}

describe("a policy at the level", () => {
  const only = (level: PackConfig[string]): PackConfig => ({ all: "disabled", "recommended-labels": level });

  test("mandatory fails the preview and names resource, field and fix", async () => {
    const { kind, message } = await failure(run("preview", unlabelled, only("mandatory")));
    expect(kind).toBe("policy");
    expect(message).toContain(
      `attic/recommended-labels: Every Kubernetes object has the recommended labels.`,
    );
    expect(message).toContain(`Secret default/${name} metadata.labels["app.kubernetes.io/part-of"]`);
    expect(message).toContain("Build the object with labels()");
  });

  test("mandatory stops the update before anything is made", async () => {
    expect((await failure(run("up", unlabelled, only("mandatory")))).kind).toBe("policy");
    expect((await kubectl(["get", "secret", name])).code).not.toBe(0);
  });

  test("advisory says so, and goes on", async () => {
    const { diagnostics } = await run("preview", unlabelled, only("advisory"));
    const advice = diagnostics.filter(({ severity }) => severity === "advice");
    expect(advice.map(({ message }) => message.match(/labels\["(.*)"\]/)?.[1])).toEqual([
      "app.kubernetes.io/part-of",
      "app.kubernetes.io/managed-by",
    ]);
  });

  test("disabled is silent, for one policy and for all", async () => {
    expect((await run("preview", unlabelled, only("disabled"))).diagnostics).toEqual([]);
    expect((await run("preview", unlabelled, { all: "disabled" })).diagnostics).toEqual([]);
  });

  test("remediate puts right what it can, and keeps secrets secret", async () => {
    const states: string[] = [];
    const program = unlabelled;
    const policyPackConfig = join(folder, "settings.json");
    writeFileSync(policyPackConfig, JSON.stringify(only("remediate")));
    await stack.run("up", least, {
      program,
      policyPack: PACK,
      policyPackConfig,
      onEvent: (_, event) => states.push(JSON.stringify(event)),
    });
    const labels = await kubectlOutput(["get", "secret", name, "-o", "jsonpath={.metadata.labels}"]);
    expect(JSON.parse(labels)).toEqual({
      ...named,
      "app.kubernetes.io/part-of": "attic",
      "app.kubernetes.io/managed-by": "pulumi",
    });
    const password = await kubectlOutput(["get", "secret", name, "-o", "jsonpath={.data.password}"]);
    expect(Buffer.from(password, "base64").toString()).toBe("correct-horse-battery");
    expect(states.join("")).not.toMatch(/correct-horse-battery|Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5/);
  });
});

describe("what only an update knows", () => {
  const leak = "policies-leak";
  /** A private key in a ConfigMap; in a preview there is no key yet. */
  const leaking = async () => {
    const key = new tls.PrivateKey(leak, { algorithm: "ED25519" });
    new kubernetes.core.v1.ConfigMap(leak, {
      metadata: { name: leak, namespace: "default" },
      data: { key: pulumi.unsecret(key.privateKeyPem) },
    });
  };
  const config: PackConfig = { all: "disabled", "no-plain-secrets": "mandatory" };

  test("is no false alarm in a preview", async () => {
    expect((await run("preview", leaking, config)).diagnostics).toEqual([]);
  });

  test("is found by the update, before it is made", async () => {
    const { kind, message } = await failure(run("up", leaking, config));
    expect([kind, message]).toEqual(["policy", expect.stringContaining("data.key")]);
    expect(message).toContain("a private key in plain sight");
    expect(message).not.toContain("BEGIN");
    expect((await kubectl(["get", "configmap", leak])).code).not.toBe(0);
  });
});

test("a plain output with a secret is told from a secret one", async () => {
  const url = "postgresql://attic:correct-horse@db/attic";
  const config: PackConfig = { all: "disabled", "no-plain-outputs": "mandatory" };
  const secret = async () => ({ url: pulumi.secret(url), nested: { url: pulumi.secret(url) } });
  expect((await run("preview", secret, config)).diagnostics).toEqual([]);
  const { message } = await failure(run("preview", async () => ({ url }), config));
  expect(message).toContain("outputs.url");
});

test("settings that do not fit are refused before anything is judged", async () => {
  const error = await failure(run("preview", unlabelled, { "database-instances": { least: "three" } }));
  expect(error.message).toContain("least");
});

/** An engine with an empty state and without a cluster. */
async function withoutCluster() {
  const [engine, directory] = [inject("pulumi"), keptDirectory(join(folder, "engine"))];
  const providers = await chooseProviders({ engine, directory, standInsOnly: true });
  const kubeconfig = join(folder, "none.yaml");
  writeFileSync(kubeconfig, "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n");
  return { engine, directory, standIns: standInNames(providers), env: { KUBECONFIG: kubeconfig } };
}

describe("the whole program", () => {
  test.each(stackNames(project))("as stack %s has nothing against it, by its own settings", async (stack) => {
    const { report } = await previewStack({ stack, policyPack: PACK });
    expect(report.diagnostics.filter(({ severity }) => severity !== "warning")).toEqual([]);
  });

  test("is refused by the settings of the stack's own file, at their full level", async () => {
    const refused = await failure(
      runEngine({
        ...(await withoutCluster()),
        action: "preview",
        stack: "production",
        projectDir: project,
        program: () => program(),
        logDir: join(folder, "logs"),
        policyPack: PACK,
        // The default bound is 2, production's is 3.
        settings: { "attic:api.scaling.minReplicas": 2 },
      }),
    );
    expect([refused.kind, refused.message]).toEqual(["policy", expect.stringContaining("autoscaler-bounds")]);
  });

  test("is updated by a real API server, whose defaults are nobody's mistake", async () => {
    const settings: Settings = {
      ...least,
      namespace: "policies-test",
      deletionProtection: false,
      database: { cloudNativePg: { awaitReady: false, backup: { enabled: false } } },
      ingress: { awaitCertificate: false },
    };
    const config: PackConfig = {
      "irreplaceable-protected": "disabled",
      "database-backups": "disabled",
    };
    const policyPackConfig = join(folder, "settings.json");
    writeFileSync(policyPackConfig, JSON.stringify(config));
    const checked = { policyPack: PACK, policyPackConfig };
    const whole = testStack();
    try {
      for (const expectNoChanges of [false, true]) {
        const { diagnostics } = await whole.run("up", settings, { ...checked, expectNoChanges });
        expect(diagnostics.filter(({ severity }) => severity !== "warning")).toEqual([]);
      }
    } finally {
      await whole.run("destroy", settings);
      whole.remove();
    }
  });
});
