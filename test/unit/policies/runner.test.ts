import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policies } from "../../../policies/all.ts";

const project = join(import.meta.dirname, "../../..");
const require = createRequire(import.meta.url);
const { AnalyzerClient } = require("@pulumi/pulumi/proto/analyzer_grpc_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");

interface Config {
  getEnforcementlevel(): number;
  getProperties(): { toJavaScript(): Record<string, unknown> };
}

/** What the pack tells the engine about itself. */
interface Info {
  getName(): string;
  getPoliciesList(): { getName(): string }[];
  getInitialconfigMap(): { forEach(take: (config: Config, policy: string) => void): void };
}

let folder: string;
beforeAll(() => {
  // The pack beside the project's packages, and a compiler of its own, as `npm ci --prefix policies` puts it there.
  folder = mkdtempSync(join(tmpdir(), "attic-policies-runner-"));
  cpSync(join(project, "policies"), join(folder, "policies"), {
    recursive: true,
    filter: (source) => !source.includes("node_modules"),
  });
  symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the pack as the Pulumi CLI does, and asks it who it is. */
async function served(): Promise<Info> {
  const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const child = spawn(process.execPath, [runner, "127.0.0.1:1", "."], {
    cwd: join(folder, "policies"),
    env: { ...process.env, PULUMI_NODEJS_STACK: "staging" },
  });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let errors = "";
      child.stderr.on("data", (chunk) => {
        errors += chunk;
      });
      child.stdout.once("data", (chunk) => resolve(String(chunk).trim()));
      child.once("exit", () => reject(new Error(errors)));
    });
    const client = new AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure());
    return await new Promise<Info>((resolve, reject) => {
      client.getAnalyzerInfo(new Empty(), (error: unknown, info: Info) =>
        error ? reject(error) : resolve(info),
      );
    }).finally(() => client.close());
  } finally {
    child.kill();
  }
}

describe("under the Pulumi CLI's own runner", () => {
  test("the pack cannot start with the project's TypeScript, of which the runner's compiler knows nothing", async () => {
    await expect(served()).rejects.toThrow("fileExists");
  });

  test("the pack starts with the compiler that its own package.json names, and knows the stack", async () => {
    mkdirSync(join(folder, "policies/node_modules"));
    symlinkSync(
      join(project, "node_modules/typescript-classic"),
      join(folder, "policies/node_modules/typescript"),
    );
    const info = await served();
    expect(info.getName()).toBe("attic");
    expect(info.getPoliciesList().map((each) => each.getName())).toEqual(policies.map(({ name }) => name));
    const found: Record<string, unknown> = {};
    info.getInitialconfigMap().forEach((config, policy) => {
      found[policy] = [config.getEnforcementlevel(), config.getProperties().toJavaScript().least];
    });
    const { MANDATORY, DISABLED } = require("@pulumi/pulumi/proto/analyzer_pb").EnforcementLevel;
    expect(found).toMatchObject({
      "database-instances": [MANDATORY, 2],
      "no-destruction": [DISABLED, undefined],
      "image-pinned": [MANDATORY, undefined],
    });
  });

  test("that compiler is the one that the project has under another name", () => {
    const { version } = require(join(project, "node_modules/typescript-classic/package.json"));
    expect(require(join(project, "policies/package.json")).dependencies).toEqual({ typescript: version });
  });
});
