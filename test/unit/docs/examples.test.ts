import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { loadStackConfig, type RawConfig } from "../../../config/load.ts";
import { parseStackFile } from "../../../config/stack-file.ts";
import program from "../../../index.ts";
import { policies } from "../../../policies/all.ts";
import { configure } from "../../../policies/framework/config.ts";
import { message } from "../../../policies/framework/message.ts";
import { stackOf } from "../../../policies/framework/recording.ts";
import { review } from "../../../policies/framework/review.ts";
import { stackSettings } from "../../../policies/stack-settings.ts";
import { record } from "../../../render/record.ts";
import { PROJECT } from "../../support/docs/pages.ts";

const now = new Date("2026-11-21T08:00:00Z");
const folder = join(PROJECT, "docs/examples");
const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
const textOf = (file: string) => readFileSync(join(folder, file), "utf8");

type Settings = Record<string, Record<string, unknown>>;

/** An example with what the page about it has a person set with `pulumi config set`. */
function settingsOf(file: string, more: Settings = {}): RawConfig {
  const { config } = parse(textOf(file)) as { config: Settings };
  const store = config["attic:objectStore"];
  if (store?.provider === "s3") {
    const secure = { secure: "AAABAIc=" };
    store.s3 = { ...(store.s3 as object), credentials: { accessKeyId: secure, secretAccessKey: secure } };
  }
  return parseStackFile(stringify({ config: { ...config, ...more } }));
}

async function findings(config: RawConfig, stack: string): Promise<string[]> {
  const recording = await record(() => program(now), { stack, config });
  return review(configure(policies, stackSettings(policies, stack)), stackOf(recording)).findings.map(
    message,
  );
}

test("there is an example for AWS, and one for other stores", () => {
  expect(files).toEqual(["getting-started-eks.yaml", "getting-started-s3.yaml"]);
});

describe.each(files)("%s", (file) => {
  test("is a stack that the configuration takes", () => {
    expect(() => loadStackConfig(settingsOf(file), file)).not.toThrow();
  });

  test("is one that the policies of staging are not against", async () => {
    expect(await findings(settingsOf(file), "staging")).toEqual([]);
  });

  test("is one that the policies are not against before there is an ingress", async () => {
    const before = { "attic:ingress": { enabled: false } };
    expect(await findings(settingsOf(file, before), "staging")).toEqual([]);
  });

  test("keeps to the policies' defaults, once it is protected", async () => {
    const config = settingsOf(file);
    config.values["attic:deletionProtection"] = "true";
    expect(await findings(config, "another")).toEqual([]);
  });

  test("holds no secret, not even an encrypted one", () => {
    expect(textOf(file)).not.toMatch(/secure:|AKIA|PRIVATE KEY/);
  });

  test("completes in an editor when it is copied to the project's folder", () => {
    expect(textOf(file).split("\n")[0]).toBe("# yaml-language-server: $schema=./config/stack.schema.json");
  });
});

test("the example for other stores is refused as long as nobody has set its access keys", () => {
  const text = textOf("getting-started-s3.yaml");
  expect(() => loadStackConfig(parseStackFile(text), "staging")).toThrow(/has no way into its bucket/);
});
