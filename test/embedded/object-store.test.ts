import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ObjectStore } from "../../components/object-store/index.ts";
import type { Settings } from "../../config/schema/index.ts";
import { type RunOptions, runEngine } from "../../embedded/engine/engine.ts";
import { chooseProviders } from "../../embedded/engine/providers.ts";
import { type EngineDirectory, keptDirectory } from "../../embedded/engine/workspace.ts";
import { stackConfig } from "../support/settings.ts";
import { type TinyProject, tinyProject } from "./engine/project.ts";

const aws: Partial<Settings> = {
  database: {},
  objectStore: {
    region: "eu-central-1",
    aws: { oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/issuer.example.com/id/1" },
  },
};

let project: TinyProject;
let directory: EngineDirectory;
beforeAll(async () => {
  project = tinyProject();
  directory = keptDirectory(project.stateDir);
  await chooseProviders({ engine: inject("pulumi"), directory, standInsOnly: true });
});
afterAll(() => project.remove());

const run = (action: RunOptions["action"], settings: Partial<Settings>, more: Partial<RunOptions> = {}) =>
  runEngine({
    engine: inject("pulumi"),
    action,
    stack: "tiny",
    projectDir: project.projectDir,
    program: async () => {
      const store = new ObjectStore("object-store", { config: stackConfig(settings) });
      return { attic: store.atticRoleArn, database: store.databaseRoleArn };
    },
    directory,
    logDir: project.logDir,
    ...more,
  });

interface Kept {
  type: string;
  provider?: string;
  protect?: boolean;
  retainOnDelete?: boolean;
}

/** What the engine keeps of the resources on AWS. */
function kept(): Kept[] {
  const file = join(directory.backend, ".pulumi/stacks/tiny/tiny.json");
  const { resources } = JSON.parse(readFileSync(file, "utf8")).checkpoint.latest as { resources: Kept[] };
  return resources.filter(({ type }) => type.startsWith("aws:"));
}

describe("the object store on the real engine, with AWS simulated", () => {
  test("is made, and has nothing to change the second time", async () => {
    const { outputs } = await run("up", aws);
    expect(outputs).toMatchObject({
      attic: { value: expect.stringMatching(/:role\/attic\/nix-cache$/) },
      database: { value: expect.stringMatching(/:role\/attic\/attic-pg-backup$/) },
    });
    await run("up", aws, { expectNoChanges: true });
  });

  test("is made by a provider of its own, so that no region and account is taken from elsewhere", () => {
    expect(kept()).toHaveLength(2 * (7 + 2));
    for (const { provider } of kept()) {
      expect(provider).toContain("$pulumi:providers:aws::object-store::");
    }
  });

  test("leaves a bucket with every setting, should Pulumi ever let go of it", () => {
    const retained = ({ type }: Kept) => type.startsWith("aws:s3/");
    for (const resource of kept()) expect(resource.retainOnDelete ?? false).toBe(retained(resource));
  });

  test("loses nothing to a destroy while it is protected, not even what depends on a bucket", async () => {
    const before = kept();
    await expect(run("destroy", aws)).rejects.toThrow(/protect/);
    expect(kept()).toEqual(before);
  });
});
