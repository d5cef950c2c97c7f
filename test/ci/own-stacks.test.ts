import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { copyProject } from "../support/gitlab-ci/checkout.ts";

const run = promisify(execFile);
const project = join(import.meta.dirname, "../..");

interface StackFile {
  config: Record<string, Record<string, unknown> | string>;
}

let folder: string;
const read = (path: string) => parse(readFileSync(join(project, path), "utf8")) as StackFile;
const write = (stack: string, file: object) =>
  writeFileSync(join(folder, `Pulumi.${stack}.yaml`), stringify(file));

/** A copy of the project whose stack files are a team's own, as the pages have one write and change them. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "attic-own-stacks-"));
  await copyProject(folder, () => true);
  await run("git", ["init", "--quiet"], { cwd: folder });

  const staging = read("docs/examples/getting-started-s3.yaml");
  const { config } = staging;
  const store = config["attic:objectStore"] as { s3: object };
  const secure = { secure: "v1:AAABAIc=" };
  config["attic:objectStore"] = {
    ...store,
    s3: { ...store.s3, credentials: { accessKeyId: secure, secretAccessKey: secure } },
  };
  write("staging", { encryptionsalt: "v1:salt", ...staging });

  const production = read("docs/examples/stacks/Pulumi.production.yaml");
  Object.assign(production.config, {
    "attic:hostname": "cache.example.org",
    "attic:image": "ghcr.io/zhaofengli/attic:0123456789abcdef0123456789abcdef01234567",
    "attic:api": {
      ...(production.config["attic:api"] as object),
      scaling: { minReplicas: 4, maxReplicas: 6 },
    },
    "attic:tokens": {
      ...(production.config["attic:tokens"] as object),
      revoked: [{ token: "gitlab-main", generation: 1, expires: "2027-03-01T00:00:00Z", reason: "in a log" }],
    },
  });
  write("production", production);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a change of the stack files alone lets the pipeline's unit tests pass", async () => {
  const vitest = join(project, "node_modules/vitest/vitest.mjs");
  const { stdout } = await run(process.execPath, [vitest, "run", "--project", "unit"], {
    cwd: folder,
    env: { ...process.env, CI: "true", NO_COLOR: "1" },
    maxBuffer: 1e8,
  }).catch((error: { stdout: string }) => error);
  expect(stdout.trimEnd().split("\n").at(-1), stdout).toMatch(/^\d{4,} passed, 0 failed/);
});
