import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { goodToken, type NixClient, nixClient, storePath } from "../../support/nix-client.ts";

vi.setConfig({ testTimeout: 60_000 });

const clients = resolve(import.meta.dirname, "../../../clients");
const read = (path: string) => parse(readFileSync(join(clients, path), "utf8"));

interface Step {
  uses?: string;
  run?: string;
  shell?: string;
  env?: Record<string, string>;
  with?: Record<string, string | boolean>;
}

const action: { inputs: Record<string, { default?: string; required?: boolean }>; runs: { steps: Step[] } } =
  read("github/action.yml");
const workflows = [
  ["GitHub", read("github/workflow.yml")],
  ["Forgejo", read("forgejo/workflow.yml")],
] as const;
const stepsOf = (workflow: { jobs: Record<string, { steps: Step[] }> }) =>
  Object.values(workflow.jobs).flatMap(({ steps }) => steps);
const useOf = (workflow: { jobs: Record<string, { steps: Step[] }> }) =>
  stepsOf(workflow).find(({ uses }) => uses?.startsWith("./")) as Step;

/** `${{ … }}` replaced, as a runner does before a step runs; of expressions it knows those that are here. */
const filledIn = (text: string, contexts: Record<string, string>) =>
  text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    if (expression === "github.event_name == 'schedule'") return String(contexts.event === "schedule");
    if (expression.startsWith("secrets.") || expression.startsWith("github.event.pull_request")) {
      return contexts[expression] ?? "";
    }
    const value = contexts[expression];
    if (value === undefined)
      throw new Error(`an expression that this interpreter does not know: ${expression}`);
    return value;
  });

describe("the action", () => {
  test("puts no expression into a command", () => {
    for (const { run } of action.runs.steps) expect(run).not.toContain("${{");
  });

  test("hands on every input, once", () => {
    const used = Object.values(action.runs.steps[0]?.env ?? {}).flatMap((value) =>
      [...value.matchAll(/inputs\.([\w-]+)/g)].map(([, name]) => name),
    );
    expect(used.toSorted()).toEqual(Object.keys(action.inputs).toSorted());
  });

  test("uses no action of others", () => {
    expect(action.runs.steps.filter(({ uses }) => uses)).toEqual([]);
  });
});

describe.each(workflows)("the workflow for %s", (forge, workflow) => {
  test("is not started with secrets by a pull request's code", () => {
    expect(Object.keys(workflow.on).toSorted()).toEqual(["pull_request", "push", "schedule"]);
  });

  test("uses actions of others by commit", () => {
    for (const { uses } of stepsOf(workflow)) expect(uses).toMatch(/^\.\/|@[0-9a-f]{40}$/);
  });

  test("hands tokens to the cache's step alone, and leaves no credential of the checkout's behind", () => {
    const [checkout, ...others] = stepsOf(workflow);
    expect(checkout?.with).toEqual({ "persist-credentials": false });
    const secret = others.filter((step) => JSON.stringify(step).includes("secrets."));
    expect(secret).toEqual([useOf(workflow)]);
    expect(JSON.stringify(workflow.jobs.build.env ?? {})).not.toContain("secrets.");
  });

  test("gives the action inputs that it has, and all that it needs", () => {
    const given = Object.keys(useOf(workflow).with ?? {});
    expect(given.filter((name) => !(name in action.inputs))).toEqual([]);
    const required = Object.entries(action.inputs).filter(([, { required }]) => required);
    expect(required.map(([name]) => name).filter((name) => !given.includes(name))).toEqual([]);
  });

  test("may read the repository and no more", () => {
    // Forgejo has no permissions of a workflow: its job token writes nothing for pull requests of forks.
    expect(workflow.permissions).toEqual(forge === "GitHub" ? { contents: "read" } : undefined);
  });

  describe("run by an interpreter of its steps", () => {
    let machine: NixClient;
    beforeEach(() => {
      machine = nixClient();
    });
    afterEach(() => machine.remove());

    const main = {
      GITHUB_REF: "refs/heads/main",
      ...(forge === "GitHub" && { GITHUB_REF_PROTECTED: "true" }),
    };
    const secrets = { "secrets.ATTIC_TOKEN": goodToken, "secrets.ATTIC_BRANCH_TOKEN": goodToken };

    /** Runs the action as the workflow uses it. */
    const job = (
      event: string,
      env: NodeJS.ProcessEnv,
      contexts: Record<string, string> = {},
      run?: string,
    ) => {
      const all = { event, ...contexts };
      const given = { ...useOf(workflow).with, ...(run && { run }) };
      const inputs = Object.entries(action.inputs).map(([name, { default: otherwise }]) => [
        `inputs.${name}`,
        filledIn(String(given[name as keyof typeof given] ?? otherwise ?? ""), all),
      ]);
      const [step] = action.runs.steps as [Step];
      const context = { ...all, ...Object.fromEntries(inputs) };
      const filled = Object.entries(step.env ?? {}).map(([name, value]) => [name, filledIn(value, context)]);
      return machine.run(
        step.shell as string,
        ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run as string],
        {
          env: {
            GITHUB_ACTIONS: "true",
            GITHUB_EVENT_NAME: event,
            GITHUB_REPOSITORY: "acme/app",
            GITHUB_ACTION_PATH: join(clients, "github"),
            ...env,
            ...Object.fromEntries(filled),
          },
        },
      );
    };
    const pushed = (cache: string) =>
      [storePath("app-1"), storePath("lib-1")].map((path) => `${cache} ${path}`);

    test("pushes from the main branch, and tells its token nowhere", async () => {
      const { code, log } = await job("push", main, secrets);
      expect([code, machine.lines("pushes")]).toEqual([0, pushed("main")]);
      expect(machine.read("seen")).toBe("");
      expect(log).not.toContain(goodToken);
    });

    test("pushes from another branch to the branches' cache", async () => {
      await job("push", { GITHUB_REF: "refs/heads/topic" }, secrets);
      expect(machine.lines("pushes")).toEqual(pushed("dev"));
    });

    test("builds a fork's pull request without a token", async () => {
      const { code } = await job(
        "pull_request",
        { GITHUB_REF: "refs/pull/1/merge" },
        { "github.event.pull_request.head.repo.full_name": "mallory/app" },
      );
      expect([code, machine.lines("store").length, machine.read("netrc")]).toEqual([0, 3, ""]);
      expect(machine.lines("nix.conf")).toContain(
        "extra-substituters = https://nix-cache.example.com/public",
      );
    });

    test("fails where one of its commands fails, and pushes nothing", async () => {
      const { code } = await job("push", main, secrets, "nix build\nfalse | true\nnix build .#next");
      expect([code, machine.read("pushes")]).toEqual([1, ""]);
      expect(machine.read("calls")).not.toContain("next");
    });

    test("fails a scheduled warming that pushes nothing, and no other run", async () => {
      machine.tell("down");
      expect((await job("push", main, secrets)).code).toBe(0);
      machine.tell("builds", `${storePath("app-2")}\n`);
      expect((await job("schedule", main, secrets)).code).toBe(1);
    });
  });
});
