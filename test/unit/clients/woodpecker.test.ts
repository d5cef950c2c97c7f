import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { goodToken, type NixClient, nixClient, storePath } from "../../support/nix-client.ts";

vi.setConfig({ testTimeout: 60_000 });

const clients = resolve(import.meta.dirname, "../../../clients");
const text = readFileSync(join(clients, "woodpecker/attic.yml"), "utf8");

type Value = string | { from_secret: string };
interface Step {
  name: string;
  when: { event: string | string[] }[];
  environment: Record<string, Value>;
  commands: string[];
}
const { steps, when }: { steps: Step[]; when: Step["when"] } = parse(text);
const matches = (conditions: Step["when"], event: string) =>
  conditions.some((condition) => [condition.event].flat().includes(event));

describe("the pipeline for Woodpecker", () => {
  test("has nothing that Woodpecker would replace before it runs", () => {
    expect(text).not.toMatch(/\$\{/);
  });

  test.each(["push", "pull_request", "manual", "cron"])("runs one step for the event %s", (event) => {
    expect(matches(when, event)).toBe(true);
    expect(steps.filter((step) => matches(step.when, event))).toHaveLength(1);
  });

  test("names no secret where a pull request runs, which would not be compiled", () => {
    const [pullRequest] = steps.filter((step) => matches(step.when, "pull_request"));
    expect(
      Object.values(pullRequest?.environment ?? {}).filter((value) => typeof value !== "string"),
    ).toEqual([]);
  });
});

describe("its steps, run by an interpreter", () => {
  let machine: NixClient;
  beforeEach(() => {
    machine = nixClient();
    mkdirSync(join(machine.folder, ".woodpecker"));
    copyFileSync(join(clients, "with-attic.sh"), join(machine.folder, ".woodpecker/with-attic.sh"));
  });
  afterEach(() => machine.remove());

  const run = async (event: string, ref: string) => {
    const secrets: Record<string, string> = { attic_token: goodToken, attic_branch_token: goodToken };
    const [step] = steps.filter((each) => matches(each.when, event)) as [Step];
    const environment = Object.entries(step.environment).map(([name, value]) => [
      name,
      typeof value === "string" ? value : secrets[value.from_secret],
    ]);
    return machine.run("sh", ["-e", "-c", step.commands.join("\n")], {
      env: {
        CI: "woodpecker",
        CI_PIPELINE_EVENT: event,
        CI_REPO_DEFAULT_BRANCH: "main",
        CI_COMMIT_REF: ref,
        ...Object.fromEntries(environment),
      },
    });
  };
  const pushed = (cache: string) =>
    [storePath("app-1"), storePath("lib-1")].map((path) => `${cache} ${path}`);

  test.each(["push", "cron", "manual"])("push from the default branch: %s", async (event) => {
    const { code, log } = await run(event, "refs/heads/main");
    expect([code, machine.lines("pushes")]).toEqual([0, pushed("main")]);
    expect(machine.read("seen")).toBe("");
    expect(log).not.toContain(goodToken);
  });

  test("push from another branch to the branches' cache", async () => {
    await run("push", "refs/heads/topic");
    expect(machine.lines("pushes")).toEqual(pushed("dev"));
  });

  test("build a pull request with the public cache alone", async () => {
    const { code } = await run("pull_request", "refs/pull/1/head");
    expect([code, machine.lines("store").length, machine.read("netrc")]).toEqual([0, 3, ""]);
    expect(machine.lines("nix.conf")).toContain("extra-substituters = https://nix-cache.example.com/public");
  });

  test("fail where the build fails", async () => {
    machine.tell("exit", "3");
    expect((await run("push", "refs/heads/main")).code).toBe(3);
    expect(machine.read("pushes")).toBe("");
  });
});
