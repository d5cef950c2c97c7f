import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pulumiDeployments } from "../../../cli/deployments/index.ts";

/** A `pulumi` that answers from files, and notes how it was asked. */
const script = `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
case "$1 $2" in
  "version ") echo v3.270.0; exit 0 ;;
esac
echo "$@ | backend=$PULUMI_BACKEND_URL passphrase=$PULUMI_CONFIG_PASSPHRASE file=$PULUMI_CONFIG_PASSPHRASE_FILE" >> "$here/asked"
if [ -f "$here/fails" ]; then echo '{"half": "a-secret"}'; cat "$here/fails" >&2; exit 255; fi
case "$*" in
  "stack ls"*) cat "$here/stacks" ;;
  "stack output"*--show-secrets*) echo '{"url": "https://x/", "tokens": {"a": {"secret": "eyJ"}}}' ;;
  "stack output"*) echo '{"url": "https://x/", "tokens": "[secret]"}' ;;
  "stack export"*) echo '{"version": 3, "deployment": {"resources": [{"urn": "u", "type": "t"}]}}' ;;
esac
`;

let folder: string;
let bin: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "atticctl-pulumi-"));
  bin = join(folder, "bin");
  writeFileSync(join(folder, "Pulumi.yaml"), "name: attic\nruntime: nodejs\n");
  writeFileSync(join(folder, "Pulumi.local.yaml"), "config: {}\n");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function install(at = join(bin, "pulumi")): void {
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, script);
  chmodSync(at, 0o755);
}
const asked = (at = bin) => readFileSync(join(at, "asked"), "utf8");

describe("a stack of the person's own Pulumi", () => {
  beforeEach(() => {
    install();
    vi.stubEnv("PATH", `${bin}${delimiter}${process.env.PATH}`);
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://states");
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "the-person's");
  });

  test("is asked for with its login and its backend, without being selected", async () => {
    const deployment = await pulumiDeployments.open(folder, "acme/attic/production");
    expect(await deployment.outputs()).toEqual({ url: "https://x/", tokens: { a: { secret: "eyJ" } } });
    expect(asked()).toContain(
      "stack output --json --show-secrets --stack acme/attic/production --non-interactive | backend=s3://states passphrase=the-person's",
    );
    expect(asked()).not.toContain("select");
  });

  test("gives its resources with their secrets, when they are asked for and not before", async () => {
    const deployment = await pulumiDeployments.open(folder, "production");
    await deployment.outputs();
    expect(asked()).not.toContain("export");
    expect(await deployment.resources()).toEqual([{ urn: "u", type: "t" }]);
    expect(asked()).toContain("stack export --show-secrets --stack production");
  });

  test("has no state when Pulumi knows no such stack", async () => {
    writeFileSync(join(bin, "fails"), "error: no stack named 'production' found\n");
    const deployment = await pulumiDeployments.open(folder, "production");
    await expect(deployment.outputs()).rejects.toMatchObject({
      exitCode: 3,
      message: "stack production has no state: nothing was brought up yet",
      hint: "pulumi up --stack production",
    });
  });

  test("tells what Pulumi said when it fails, and nothing of what it had printed", async () => {
    writeFileSync(join(bin, "fails"), "error: incorrect passphrase\n");
    const deployment = await pulumiDeployments.open(folder, "production");
    for (const ask of [deployment.outputs, deployment.resources]) {
      const error = await ask().catch((thrown) => thrown);
      expect(error).toMatchObject({
        exitCode: 1,
        message: "Pulumi does not tell the state of stack production:\n  error: incorrect passphrase",
      });
      expect(`${error.message} ${error.hint}`).not.toContain("a-secret");
    }
  });

  test("is the selected one, where one is", async () => {
    writeFileSync(
      join(bin, "stacks"),
      '[{"name": "dev", "current": false}, {"name": "production", "current": true}]',
    );
    expect(await pulumiDeployments.selected(folder)).toBe("production");
    writeFileSync(join(bin, "stacks"), "[]");
    expect(await pulumiDeployments.selected(folder)).toBeUndefined();
    writeFileSync(join(bin, "fails"), "error: not logged in\n");
    expect(await pulumiDeployments.selected(folder)).toBeUndefined();
  });
});

test("without a `pulumi`, what to install is told", async () => {
  vi.stubEnv("PATH", dirname(process.execPath));
  await expect(pulumiDeployments.open(folder, "production")).rejects.toMatchObject({
    exitCode: 1,
    message: "there is no `pulumi` on PATH, which knows a stack's state",
    hint: expect.stringContaining("https://www.pulumi.com/docs/install/"),
  });
  expect(await pulumiDeployments.selected(folder)).toBeUndefined();
});

describe("the stack of `npm run local`", () => {
  const kept = () => join(folder, ".local/pulumi");

  test("has no state before the first run, and nothing is made by looking", async () => {
    await expect(pulumiDeployments.open(folder, "local")).rejects.toMatchObject({
      exitCode: 3,
      hint: "npm run local",
    });
    expect(() => readFileSync(join(kept(), "passphrase"))).toThrow("ENOENT");
  });

  test("is asked for with the engine, the state and the passphrase that are kept there, and no other", async () => {
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://states");
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "the-person's");
    install(join(kept(), "bin/pulumi"));
    mkdirSync(join(kept(), "workspace"));
    writeFileSync(join(kept(), "workspace/Pulumi.yaml"), "name: attic\nruntime: nodejs\n");
    writeFileSync(join(kept(), "workspace/Pulumi.local.yaml"), "config: { as: it was }\n");
    writeFileSync(join(kept(), "passphrase"), "x");
    const deployment = await pulumiDeployments.open(folder, "local");
    expect(await deployment.outputs()).toMatchObject({ url: "https://x/" });
    expect(asked(join(kept(), "bin"))).toContain(
      `--stack local --non-interactive | backend=file://${kept()}/backend passphrase= file=${kept()}/passphrase`,
    );
    expect(readFileSync(join(kept(), "workspace/Pulumi.local.yaml"), "utf8")).toBe(
      "config: { as: it was }\n",
    );
  });
});
