import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Ended, goodToken, type NixClient, nixClient, storePath } from "../../support/nix-client.ts";

vi.setConfig({ testTimeout: 60_000 });

const script = resolve(import.meta.dirname, "../../../clients/with-attic.sh");

/** What a pipeline is given, whoever runs it. */
const settings = {
  ATTIC_ENDPOINT: "https://nix-cache.example.com/",
  ATTIC_CACHES: "https://nix-cache.example.com/main https://nix-cache.example.com/dev",
  ATTIC_PUBLIC_CACHES: "https://nix-cache.example.com/public",
  ATTIC_PUBLIC_KEYS: "main:AAAA= dev:BBBB= public:CCCC=",
  ATTIC_CACHE: "main",
  ATTIC_BRANCH_CACHE: "dev",
};

/** Pipelines of GitLab. */
const gitlab = {
  trusted: { GITLAB_CI: "true", CI_COMMIT_REF_PROTECTED: "true", CI_COMMIT_BRANCH: "main" },
  branch: { GITLAB_CI: "true", CI_COMMIT_REF_PROTECTED: "false", CI_COMMIT_BRANCH: "topic" },
};
const trusted = { ...gitlab.trusted, ATTIC_TOKEN: goodToken };

let machine: NixClient;
beforeEach(() => {
  machine = nixClient();
});
afterEach(() => machine.remove());

const build = (env: NodeJS.ProcessEnv, shell = "sh", ...more: string[]): Promise<Ended> =>
  machine.run(shell, [script, "nix", "build", ".#default", ...more], { env: { ...settings, ...env } });

const built = [storePath("lib-1"), storePath("app-1")];

describe.each(["dash", "bash"])("a build of a trusted ref, by %s", (shell) => {
  test("pushes what it added to the store, and nothing that was there", async () => {
    expect((await build(trusted, shell)).code).toBe(0);
    expect(machine.lines("pushes").toSorted()).toEqual(built.map((path) => `main ${path}`).toSorted());
  });

  test("configures Nix with every cache, its keys and the token for its host", async () => {
    await build({ ...trusted, NIX_CONFIG: "cores = 2" }, shell);
    expect(machine.lines("nix.conf").map((line) => line.replace(/(netrc-file = ).*/, "$1…"))).toEqual([
      "cores = 2",
      "fallback = true",
      "connect-timeout = 5",
      "extra-substituters = https://nix-cache.example.com/main https://nix-cache.example.com/dev https://nix-cache.example.com/public",
      "extra-trusted-public-keys = main:AAAA= dev:BBBB= public:CCCC=",
      "netrc-file = …",
    ]);
    expect(machine.lines("netrc")[0]).toBe(`machine nix-cache.example.com login nix password ${goodToken}`);
  });

  test("keeps the token out of arguments, output, the build's environment and what it leaves behind", async () => {
    const { log } = await build({ ...trusted, ATTIC_BRANCH_TOKEN: goodToken }, shell);
    expect(machine.lines("calls").length).toBeGreaterThan(3);
    expect(machine.read("seen")).toBe("");
    expect(log).not.toContain(goodToken);
    expect(machine.read("environment")).toContain("NIX_CONFIG=");
    expect(machine.read("environment")).not.toContain(goodToken);
    expect(await machine.leftBehind()).toEqual([]);
  });

  test("keeps the tokens of variables with other names out of the build's environment, too", async () => {
    const other = goodToken.replace("eyJ", "eyK");
    await build(
      {
        ...gitlab.trusted,
        ATTIC_TOKEN_VARIABLE: "CACHE_TOKEN",
        ATTIC_BRANCH_TOKEN_VARIABLE: "CACHE_BRANCH_TOKEN",
        CACHE_TOKEN: goodToken,
        CACHE_BRANCH_TOKEN: other,
        ATTIC_TOKEN: other,
      },
      shell,
    );
    expect(machine.lines("pushed")).toHaveLength(2);
    for (const token of [goodToken, other]) expect(machine.read("environment")).not.toContain(token);
  });

  test("hands no token on in a variable that the environment has by a name of its own", async () => {
    await build({ ...trusted, token: "x", own: "x", trusted_token: "x", branch_token: "x" }, shell);
    expect(machine.lines("pushed")).toHaveLength(2);
    expect(machine.read("environment")).not.toContain(goodToken);
  });

  test("keeps its files to itself", async () => {
    await build(trusted, shell);
    expect([machine.read("netrc.mode"), machine.read("config.mode")]).toEqual(["600\n", "600\n"]);
  });

  test("pushes nothing when it fails, and ends as it ended", async () => {
    machine.tell("exit", "101");
    const { code, log } = await build(trusted, shell);
    expect(code).toBe(101);
    expect(machine.read("pushes")).toBe("");
    expect(log).toContain("the build ended with 101: nothing more is pushed");
  });
});

test("needs no program but those that the image of Nix has", () => {
  const code = readFileSync(script, "utf8").replace(/^\s*#.*$/gm, "");
  expect(code).not.toMatch(
    /(^|[|;&({]|\bif |\bwhile )\s*(sed|awk|xargs|find|curl|jq|diff|ps|python3?|perl|install)\b/m,
  );
});

test("sets no netrc file where no cache needs a token, so that Nix keeps its own", async () => {
  await build({ ...trusted, ATTIC_CACHES: "" });
  expect(machine.read("nix.conf")).not.toContain("netrc-file");
  expect(machine.lines("pushed")).toHaveLength(2);
});

describe("what is pushed", () => {
  test("leaves out recipes and sources", async () => {
    machine.tell("builds", `${[storePath("app.drv"), storePath("source"), storePath("app")].join("\n")}\n`);
    await build(trusted);
    expect(machine.lines("offered")).toEqual([storePath("app")]);
  });

  test("can be named instead", async () => {
    await build({ ...trusted, ATTIC_PUSH_ONLY: "./result ./result-doc" });
    expect(machine.lines("offered")).toEqual(["./result", "./result-doc"]);
  });

  test("is nothing when everything was downloaded or there already", async () => {
    machine.tell("builds");
    const { code, log } = await build(trusted);
    expect([code, machine.read("offered")]).toEqual([0, ""]);
    expect(log).toContain("nothing new to push");
  });

  test("is nothing with ATTIC_PUSH=never, without a word about it", async () => {
    const { log } = await build({ ...trusted, ATTIC_PUSH: "never" });
    expect(machine.read("calls")).not.toContain("attic push");
    expect(log).not.toContain("warning");
  });

  test("is never the whole store because that could not be read before", async () => {
    machine.tell("store-unreadable");
    const { code, log } = await build(trusted);
    expect([code, machine.read("offered")]).toEqual([0, ""]);
    expect(log).toContain(
      "warning: Attic's client cannot be had, or the store not be read; nothing is pushed",
    );
  });

  test("comes from a client that Nix fetches where none is there", async () => {
    machine.remove();
    machine = nixClient({ attic: false });
    await build({ ...trusted, ATTIC_CLIENT: "github:NixOS/nixpkgs/0123#attic-client" });
    expect(machine.read("calls")).toContain("--print-out-paths github:NixOS/nixpkgs/0123#attic-client\n");
    expect(machine.lines("pushed")).toHaveLength(2);
  });
});

describe("watch-store beside the build", () => {
  const during = { ...trusted, ATTIC_PUSH: "during" };

  test("pushes while it runs, and what it had queued or on its way is pushed after it was stopped", async () => {
    // The build goes on when its first path was pushed; the second one never gets through by watch-store.
    machine.tell("wait-for", storePath("lib-1"));
    const { code, log } = await build(during);
    expect(code).toBe(0);
    expect(machine.lines("pushes")).toEqual(built.map((path) => `main ${path}`));
    expect(machine.lines("offered").toSorted()).toEqual(built.toSorted());
    expect(log).toContain("with-attic: watch-store: ✅ 0123456789abcdfghijklmnpqrsvwxyz-lib-1");
  });

  test("is left to finish by itself, should it learn to", async () => {
    machine.tell("drains");
    machine.tell("wait-for", storePath("lib-1"));
    await build(during);
    expect(machine.lines("pushes")[1]).toBe("main /nix/store/drained");
  });

  test("is stopped when the build fails, and nothing comes behind it", async () => {
    machine.tell("wait-for", storePath("lib-1"));
    machine.tell("exit", "1");
    expect((await build(during)).code).toBe(1);
    expect(machine.read("calls")).not.toContain("attic push");
    expect(await machine.leftBehind()).toEqual([]);
  });

  test("is not missed when it never came up: everything is pushed at the end", async () => {
    machine.tell("token", "another");
    machine.tell("builds", `${built.join("\n")}\n`);
    const { code } = await build(during);
    expect(code).toBe(0);
    expect(machine.lines("offered").toSorted()).toEqual(built.toSorted());
  });
});

describe("a cache that is away or refuses", () => {
  test("does not fail the build", async () => {
    machine.tell("down");
    const { code, log } = await build(trusted);
    expect(code).toBe(0);
    expect(machine.lines("store")).toHaveLength(3);
    expect(log).toContain("warning: the push to main failed: is the token still valid, and the server up?");
  });

  test("does not fail it with watch-store either", async () => {
    machine.tell("down");
    expect((await build({ ...trusted, ATTIC_PUSH: "during" })).code).toBe(0);
  });

  test("fails it where that was asked for, as in a job that warms the cache", async () => {
    machine.tell("down");
    expect((await build({ ...trusted, ATTIC_REQUIRE_PUSH: "true" })).code).toBe(1);
  });

  test("is asked again after a failure", async () => {
    machine.tell("fails-once");
    const { code, log } = await build({ ...trusted, ATTIC_REQUIRE_PUSH: "true" });
    expect([code, machine.lines("pushed").length]).toEqual([0, 2]);
    expect(log).toContain("attempt 1 to push to main failed");
    expect(log).not.toContain("attempt 2");
  });

  test("is asked three times and no more", async () => {
    machine.tell("token", "another");
    await build(trusted);
    expect(machine.lines("calls").filter((call) => call.startsWith("attic push"))).toHaveLength(3);
  });

  test("goes without a client that cannot be fetched", async () => {
    machine.remove();
    machine = nixClient({ attic: false });
    machine.tell("no-client");
    expect((await build(trusted)).code).toBe(0);
    expect(machine.lines("store")).toHaveLength(3);
  });
});

describe("whose code it is", () => {
  const github = { GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "acme/app", GITHUB_REF: "refs/heads/main" };
  const woodpecker = { CI: "woodpecker", CI_REPO_DEFAULT_BRANCH: "main", CI_COMMIT_REF: "refs/heads/main" };
  const pullRequest = (event: string, from: string) => ({
    ...github,
    GITHUB_EVENT_NAME: event,
    GITHUB_REF: "refs/pull/1/merge",
    ATTIC_PULL_REQUEST_FROM: from,
  });
  const mergeRequest = (source: string) => ({
    ...gitlab.branch,
    CI_PIPELINE_SOURCE: "merge_request_event",
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: source,
    CI_MERGE_REQUEST_PROJECT_ID: "1",
  });

  test.each<[string, string, NodeJS.ProcessEnv]>([
    ["trusted", "a protected branch of GitLab", gitlab.trusted],
    ["branch", "another branch of GitLab", gitlab.branch],
    ["branch", "a merge request of the project", mergeRequest("1")],
    [
      "branch",
      "a merge request of a protected branch",
      { ...mergeRequest("1"), CI_COMMIT_REF_PROTECTED: "true" },
    ],
    ["foreign", "a fork's merge request, run in the project", mergeRequest("2")],
    [
      "foreign",
      "a pull request of a mirrored repository",
      { ...gitlab.branch, CI_PIPELINE_SOURCE: "external_pull_request_event" },
    ],
    [
      "trusted",
      "a tag of GitLab that is listed",
      { GITLAB_CI: "true", CI_COMMIT_TAG: "v1", ATTIC_TRUSTED_REFS: "main refs/tags/v*" },
    ],
    [
      "branch",
      "a tag that has the name of a listed branch",
      { GITLAB_CI: "true", CI_COMMIT_TAG: "main", ATTIC_TRUSTED_REFS: "main" },
    ],
    [
      "trusted",
      "a protected branch of GitHub",
      { ...github, GITHUB_EVENT_NAME: "push", GITHUB_REF_PROTECTED: "true" },
    ],
    ["branch", "an unprotected branch of GitHub", { ...github, GITHUB_EVENT_NAME: "push" }],
    [
      "trusted",
      "a listed branch of Forgejo, which tells of no protection",
      { ...github, GITHUB_EVENT_NAME: "schedule", ATTIC_TRUSTED_REFS: "main" },
    ],
    ["branch", "a pull request of the repository", pullRequest("pull_request", "acme/app")],
    ["foreign", "a fork's pull request", pullRequest("pull_request", "mallory/app")],
    ["foreign", "a pull request of nobody knows where", pullRequest("pull_request", "")],
    [
      "foreign",
      "a fork's pull request that is given secrets",
      { ...pullRequest("pull_request_target", "mallory/app"), GITHUB_REF: "refs/heads/main" },
    ],
    [
      "foreign",
      "a run behind another one",
      { ...github, GITHUB_EVENT_NAME: "workflow_run", GITHUB_REF_PROTECTED: "true" },
    ],
    ["trusted", "the default branch of Woodpecker", { ...woodpecker, CI_PIPELINE_EVENT: "push" }],
    ["trusted", "its schedule", { ...woodpecker, CI_PIPELINE_EVENT: "cron" }],
    [
      "branch",
      "another branch of Woodpecker",
      { ...woodpecker, CI_PIPELINE_EVENT: "push", CI_COMMIT_REF: "refs/heads/topic" },
    ],
    [
      "branch",
      "a tag of Woodpecker",
      { ...woodpecker, CI_PIPELINE_EVENT: "tag", CI_COMMIT_REF: "refs/tags/v1" },
    ],
    ["foreign", "a pull request of Woodpecker", { ...woodpecker, CI_PIPELINE_EVENT: "pull_request" }],
    ["foreign", "a CI that is not known", {}],
    ["branch", "a CI that is not known and says so", { ATTIC_REF_TRUST: "branch" }],
    ["foreign", "a CI that says something else", { ATTIC_REF_TRUST: "yes" }],
  ])("is %s: %s", async (whose, _what, env) => {
    const { log } = await build({ ...env, ATTIC_TOKEN: goodToken, ATTIC_BRANCH_TOKEN: goodToken });
    expect(log).toContain(`with-attic: ${whose} ref: `);
    const cache = { trusted: "main", branch: "dev", foreign: undefined }[whose];
    expect(machine.lines("pushes")).toEqual(cache ? built.toSorted().map((path) => `${cache} ${path}`) : []);
  });

  test("foreign code builds with the public caches alone, although a token is there", async () => {
    const { code, log } = await build({
      ...pullRequest("pull_request_target", "mallory/app"),
      ATTIC_TOKEN: goodToken,
    });
    expect(code).toBe(0);
    expect(machine.lines("nix.conf")).toContain("extra-substituters = https://nix-cache.example.com/public");
    expect(machine.read("nix.conf")).not.toContain("netrc-file");
    expect(machine.read("calls")).not.toContain("attic");
    expect(machine.read("environment")).not.toContain(goodToken);
    expect(log).not.toContain("warning");
  });

  test("a branch without a token of its own pulls with the other, and pushes nowhere", async () => {
    const { code, log } = await build({ ...gitlab.branch, ATTIC_TOKEN: goodToken });
    expect(code).toBe(0);
    expect(machine.read("netrc")).toContain(goodToken);
    expect(machine.read("pushes")).toBe("");
    expect(log).toContain("warning: ATTIC_BRANCH_TOKEN is not set here; nothing is pushed");
  });

  test("a branch without a cache of its own is not told that a token is missing", async () => {
    const { log } = await build({ ...gitlab.branch, ATTIC_BRANCH_CACHE: "", ATTIC_TOKEN: goodToken });
    expect(log).not.toContain("warning");
  });

  test("a trusted ref without its token builds, and says what is missing", async () => {
    const { code, log } = await build({ ...gitlab.trusted });
    expect(code).toBe(0);
    expect(log).toContain("warning: ATTIC_TOKEN is not set here; nothing is pushed");
  });

  test("a job that must push fails without its token", async () => {
    expect((await build({ ...gitlab.trusted, ATTIC_REQUIRE_PUSH: "true" })).code).toBe(1);
  });
});

describe("the token", () => {
  const elsewhere = { ...gitlab.trusted, ATTIC_TOKEN_VARIABLE: "CACHE_TOKEN" };

  test("of another variable is the only one: what ATTIC_TOKEN has is another stack's", async () => {
    const { log } = await build({ ...elsewhere, ATTIC_TOKEN: goodToken });
    expect(machine.read("pushes")).toBe("");
    expect(machine.read("netrc")).toBe("");
    expect(log).toContain("warning: CACHE_TOKEN is not set here; nothing is pushed");
  });

  test("is that of no variable where the name is empty", async () => {
    const env = { ...gitlab.branch, ATTIC_BRANCH_TOKEN: goodToken, ATTIC_BRANCH_TOKEN_VARIABLE: "" };
    const { code } = await build({ ...env, ATTIC_BRANCH_CACHE: "" });
    expect([code, machine.read("netrc")]).toEqual([0, ""]);
  });

  test.each(["CACHE-TOKEN", "1ST", "A$(id)"])("is not read by what names no variable: %s", async (name) => {
    const { code, log } = await build({ ...trusted, ATTIC_TOKEN_VARIABLE: name });
    expect([code, machine.read("calls")]).toEqual([2, ""]);
    expect(log).toContain(`ATTIC_TOKEN_VARIABLE is ${name}, which is no name of a variable`);
  });

  test("may end in a newline, as a variable does that was set from a file", async () => {
    await build({ ...gitlab.trusted, ATTIC_TOKEN: `${goodToken}\n` });
    expect(machine.lines("pushed")).toHaveLength(2);
  });

  test("is not used when it could be more than a token in the files that it goes to", async () => {
    const { code, log } = await build({
      ...gitlab.trusted,
      ATTIC_TOKEN: 'a"\ntoken = "b',
      ATTIC_REQUIRE_PUSH: "true",
    });
    expect(code).toBe(1);
    expect(log).toContain("the token has characters that no token of Attic has");
    expect(machine.read("netrc")).toBe("");
  });

  test("is not printed by a trace", async () => {
    const { log } = await machine.run("sh", ["-x", script, "nix", "build"], {
      env: { ...settings, ...trusted },
    });
    expect(machine.lines("pushed")).toHaveLength(2);
    expect(log).not.toContain(goodToken);
  });
});

describe("the command", () => {
  test("has the input that the script was given", async () => {
    machine.tell("reads-input");
    await machine.run("sh", [script, "nix", "build"], {
      env: { ...settings, ...trusted },
      input: "from outside",
    });
    expect(machine.read("input")).toBe("from outside");
  });

  test("is needed", async () => {
    const { code, log } = await machine.run("sh", [script], { env: settings });
    expect(code).toBe(2);
    expect(log).toContain("what is to be run?");
  });

  test("is not run with a setting that means nothing", async () => {
    const { code, log } = await build({ ...trusted, ATTIC_PUSH: "always" });
    expect([code, machine.read("calls")]).toEqual([2, ""]);
    expect(log).toContain("ATTIC_PUSH is always; it can be after, during or never");
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("ends at %s, with nothing pushed and nothing left behind", async (signal, code) => {
    machine.tell("hang");
    let pid = 0;
    const ended = machine.run("sh", [script, "nix", "build"], {
      env: { ...settings, ...trusted, ATTIC_PUSH: "after" },
      started: (own) => {
        pid = own;
      },
    });
    // The file is there a moment before the pid is in it.
    while (machine.read("building") === "") await setTimeout(20);
    process.kill(pid, signal);
    expect((await ended).code).toBe(code);
    expect(machine.read("pushes")).toBe("");
    expect(await machine.leftBehind()).toEqual([]);
    expect(() => process.kill(Number(machine.read("building")), 0)).toThrow();
  });
});
