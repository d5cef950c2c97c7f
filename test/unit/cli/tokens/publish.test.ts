import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unmaskable } from "../../../../cli/tokens/publication.ts";
import {
  credentials,
  type GitLabServer,
  gitLabServer,
  type StoredVariable,
} from "../../../support/gitlab-server.ts";
import { everyKind, type How, type TestProject, testProject } from "../world.ts";

/** Tokens for a project, for one of its environments, and for a group. */
const tokens = {
  ...everyKind,
  ci: {
    images: { caches: { main: ["pull", "push"] }, gitlab: { project: "platform/images" } },
    release: {
      caches: { main: ["pull", "push"] },
      gitlab: { project: "platform/images", environmentScope: "production" },
    },
    branches: {
      caches: { dev: ["pull", "push"] },
      gitlab: { group: "7", variable: "BRANCH_TOKEN", protected: false },
    },
  },
} satisfies typeof everyKind;

let project: TestProject;
let gitlab: GitLabServer;
beforeEach(async () => {
  project = testProject(tokens);
  await project.update(0);
  gitlab = await gitLabServer();
  gitlab.owners.set("projects/platform/images", []);
  gitlab.owners.set("groups/7", []);
});
afterEach(async () => {
  project.remove();
  await gitlab.close();
});

const publish = (args: string[] = [], how: How = {}) =>
  project.run(["tokens", "publish", ...args], {
    env: { GITLAB_TOKEN: credentials.maintainer, CI_API_V4_URL: gitlab.url, ...how.env },
    ...(how.day !== undefined && { day: how.day }),
    ...(how.slept && { slept: how.slept }),
  });
const secretOf = (name: string) => project.deployed().tokens[name]?.secret as string;
const inImages = () => gitlab.owners.get("projects/platform/images") as StoredVariable[];
const writes = () => gitlab.seen.filter(({ method }) => method !== "GET");
const rows = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));

describe("atticctl tokens publish", () => {
  test("makes the variables that are not there: masked, raw, protected and told where they are from", async () => {
    const { code, stdout, stderr } = await publish();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(rows(stdout)).toEqual([
      ["created", "ATTIC_TOKEN", "project platform/images", "images"],
      ["created", "ATTIC_TOKEN in production", "project platform/images", "release"],
      ["created", "BRANCH_TOKEN", "group 7", "branches"],
    ]);
    const description = (name: string) =>
      `Set by atticctl from stack test: token ${name}, generation 1, expires 2027-02-19T07:50:00Z`;
    const common = { variable_type: "env_var", masked: true, hidden: false, raw: true };
    expect(inImages()).toEqual([
      {
        ...common,
        key: "ATTIC_TOKEN",
        value: secretOf("images"),
        protected: true,
        environment_scope: "*",
        description: description("images"),
      },
      {
        ...common,
        key: "ATTIC_TOKEN",
        value: secretOf("release"),
        protected: true,
        environment_scope: "production",
        description: description("release"),
      },
    ]);
    expect(gitlab.owners.get("groups/7")).toMatchObject([
      { key: "BRANCH_TOKEN", value: secretOf("branches"), protected: false, environment_scope: "*" },
    ]);
  });

  test("does nothing the second time", async () => {
    await publish();
    const before = writes().length;
    const { code, stdout } = await publish();
    expect(code).toBe(0);
    expect(rows(stdout).map(([action]) => action)).toEqual(Array(3).fill("is as it should be"));
    expect(writes()).toHaveLength(before);
  });

  test("updates the one of its environment after a rotation, and leaves others of that name alone", async () => {
    await publish();
    inImages().push({
      ...(inImages()[0] as StoredVariable),
      value: "somebody's",
      environment_scope: "review/*",
    });
    await project.update(77);
    const { stdout } = await publish(["images"], { day: 77 });
    expect(rows(stdout)).toEqual([
      ["updated", "ATTIC_TOKEN", "project platform/images", "images", "value, description"],
    ]);
    expect(inImages().map(({ value, environment_scope }) => [environment_scope, value])).toEqual([
      ["*", secretOf("images")],
      ["production", expect.not.stringContaining(secretOf("release"))],
      ["review/*", "somebody's"],
    ]);
    expect(inImages()[0]?.description).toContain("generation 2, expires 2027-05-06T07:50:00Z");
  });

  test.each<[string, Partial<StoredVariable>]>([
    ["masked", { masked: false }],
    ["protected", { protected: false }],
    ["raw", { raw: false }],
    ["variable_type", { variable_type: "file" }],
    ["description", { description: null }],
  ])("puts %s right where somebody changed it", async (property, change) => {
    await publish();
    Object.assign(inImages()[0] as StoredVariable, change);
    const { stdout } = await publish(["images"]);
    expect(rows(stdout)[0]?.slice(-1)).toEqual([property]);
    expect(inImages()[0]).toMatchObject({
      masked: true,
      protected: true,
      raw: true,
      variable_type: "env_var",
    });
  });

  test("sets a hidden variable each time, as nobody can read what is in it", async () => {
    await publish();
    Object.assign(inImages()[0] as StoredVariable, { hidden: true });
    const { code, json } = await publish(["images", "--json"]);
    expect(code).toBe(0);
    expect(json()).toMatchObject([{ action: "update", changed: ["value"] }]);
  });

  test("says with --dry-run what it would do, and writes nothing", async () => {
    await publish(["images"]);
    const before = writes().length;
    await project.update(77);
    const { code, stdout } = await publish(["--dry-run"], { day: 77 });
    expect(code).toBe(0);
    expect(rows(stdout)).toEqual([
      ["would update", "ATTIC_TOKEN", "project platform/images", "images", "value, description"],
      ["would create", "ATTIC_TOKEN in production", "project platform/images", "release"],
      ["would create", "BRANCH_TOKEN", "group 7", "branches"],
    ]);
    expect(writes()).toHaveLength(before);
    expect((await publish(["--dry-run", "--expect-no-changes"], { day: 77 })).code).toBe(4);
    await publish([], { day: 77 });
    expect((await publish(["--dry-run", "--expect-no-changes"], { day: 77 })).code).toBe(0);
  });

  test("tells each outcome as JSON, and no token and no credential anywhere", async () => {
    gitlab.owners.delete("groups/7");
    const { code, json, stdout, stderr } = await publish(["--json"]);
    expect(code).toBe(1);
    expect(json()).toEqual([
      {
        token: "images",
        owner: "project platform/images",
        variable: "ATTIC_TOKEN",
        environmentScope: "*",
        action: "create",
      },
      {
        token: "release",
        owner: "project platform/images",
        variable: "ATTIC_TOKEN",
        environmentScope: "production",
        action: "create",
      },
      {
        token: "branches",
        owner: "group 7",
        variable: "BRANCH_TOKEN",
        environmentScope: "*",
        action: "failed",
        why: "404 Group Not Found",
      },
    ]);
    const urls = gitlab.seen.map(({ url }) => url).join();
    for (const secret of [...project.secrets(), credentials.maintainer]) {
      expect(stdout + stderr + urls).not.toContain(secret);
    }
  });

  test("sends the credential in its header alone, and the address by its parts", async () => {
    await publish(["release"]);
    const [first, second] = gitlab.seen;
    expect(first?.url).toBe(
      "/api/v4/projects/platform/images/variables/ATTIC_TOKEN?filter[environment_scope]=production",
    );
    expect(second).toMatchObject({ method: "POST", url: "/api/v4/projects/platform/images/variables" });
    for (const { headers } of gitlab.seen) {
      expect(headers["private-token"]).toBe(credentials.maintainer);
      expect(headers["job-token"]).toBeUndefined();
    }
  });
});

describe("a token that must not be handed out", () => {
  const hint = "what was refused is made anew by: pulumi up --stack test\n";

  test("has expired", async () => {
    const { code, stdout } = await publish([], { day: 91 });
    expect(code).toBe(4);
    expect(stdout).toContain("it expired at 2027-02-19 07:50 UTC (1 d ago)");
    expect(stdout.endsWith(hint)).toBe(true);
    expect(gitlab.seen).toEqual([]);
  });

  test("is revoked in the file, and the next one is not minted yet", async () => {
    const revoked = [{ token: "images", generation: 1, reason: "leaked" }];
    project.declare({ ...tokens, revoked });
    const { code, stdout } = await publish();
    expect(code).toBe(4);
    expect(rows(stdout)[0]?.at(-1)).toBe("it is revoked, and the one that takes its place is not minted yet");
    expect(inImages()).toMatchObject([{ environment_scope: "production" }]);
    await project.update(1);
    expect((await publish()).code).toBe(0);
    expect(inImages()[1]).toMatchObject({ value: secretOf("images") });
  });

  test("is declared and not minted", async () => {
    project.declare({
      ...tokens,
      ci: { ...tokens.ci, new: { ...tokens.ci.images, gitlab: { project: "p" } } },
    });
    const { code, json } = await publish(["new", "--json"]);
    expect(code).toBe(4);
    expect(json()).toMatchObject([{ action: "refused", why: "it is not minted yet" }]);
  });

  test("expires sooner than --fail-if-expiring-within allows", async () => {
    expect((await publish(["--fail-if-expiring-within", "14d"], { day: 75 })).code).toBe(0);
    const { code, stdout } = await publish(["--fail-if-expiring-within", "14d"], { day: 76 });
    expect(code).toBe(4);
    expect(stdout).toContain("it expires 2027-02-19 07:50 UTC (in 13 d), within 14 d");
  });

  test("could not be masked", () => {
    expect(unmaskable(secretOf("images"))).toBeUndefined();
    expect(unmaskable("short")).toBe("GitLab masks values of 8 characters and more");
    expect(unmaskable("with a space")).toBe("GitLab masks no value with these characters");
    expect(unmaskable("x".repeat(10_001))).toBe("GitLab takes values of 10000 characters at most");
  });
});

describe("a variable that another stack has set", () => {
  const theirs =
    "Set by atticctl from stack staging: token images, generation 9, expires 2027-01-01T00:00:00Z";
  const set = (description: string | null) =>
    Object.assign(inImages()[0] as StoredVariable, { description, value: "theirs" });
  beforeEach(async () => {
    await publish(["images"]);
  });

  test("is left alone, and told with what to do; the others are set", async () => {
    set(theirs);
    const { code, stdout } = await publish();
    expect(code).toBe(4);
    expect(rows(stdout)).toEqual([
      ["refused", "ATTIC_TOKEN", "project platform/images", "images", "stack staging has set it"],
      ["created", "ATTIC_TOKEN in production", "project platform/images", "release"],
      ["created", "BRANCH_TOKEN", "group 7", "branches"],
      ["a variable has one stack's token: declare another one for this stack, or take that one over by:"],
      ["atticctl tokens publish --stack test --take-over images"],
    ]);
    expect(inImages()[0]).toMatchObject({ value: "theirs", description: theirs });
  });

  test("is refused by a dry run, too, and named in the JSON", async () => {
    set(theirs);
    const { code, json } = await publish(["images", "--dry-run", "--json"]);
    expect(code).toBe(4);
    expect(json()).toMatchObject([{ action: "refused", setBy: "staging", why: "stack staging has set it" }]);
  });

  test("is left alone when it came to be in between", async () => {
    set(theirs);
    gitlab.upsets.push({ status: 404, body: '{"message":"404 Variable Not Found"}' });
    expect((await publish(["images"])).code).toBe(4);
    expect(inImages()).toMatchObject([{ value: "theirs" }]);
  });

  test("is this stack's from then on with --take-over", async () => {
    set(theirs);
    expect((await publish(["images", "--take-over"])).code).toBe(0);
    expect(inImages()).toMatchObject([{ value: secretOf("images") }]);
    expect((await publish(["images"])).code).toBe(0);
  });

  test.each([
    ["this stack by its whole name", "Set by atticctl from stack acme/attic/test: token images"],
    ["a person, who wrote another description", "for the images"],
    ["a person, who wrote none", null],
  ])("is none that was set by %s", async (_, description) => {
    set(description);
    expect((await publish(["images"])).code).toBe(0);
    expect(inImages()).toMatchObject([{ value: secretOf("images") }]);
  });
});

describe("when GitLab says no", () => {
  test.each([
    ["401 Unauthorized", { GITLAB_TOKEN: "wrong" }],
    ["403 Forbidden", { GITLAB_TOKEN: credentials.guest }],
  ])("the failure names variable, owner, status and GitLab's words: %s", async (why, env) => {
    const { code, stdout } = await publish(["images"], { env });
    expect(code).toBe(1);
    expect(rows(stdout)).toEqual([["failed", "ATTIC_TOKEN", "project platform/images", "images", why]]);
  });

  test("the others go on, and the exit code tells at the end", async () => {
    gitlab.owners.delete("projects/platform/images");
    const { code, stdout } = await publish();
    expect(code).toBe(1);
    expect(rows(stdout).map(([action, , , token, why]) => [action, token, why])).toEqual([
      ["failed", "images", "404 Project Not Found"],
      ["failed", "release", "404 Project Not Found"],
      ["created", "branches", undefined],
    ]);
  });

  test("a job's own token is tried, and its refusal explained", async () => {
    const { code, stdout } = await publish(["images"], {
      env: { GITLAB_TOKEN: "", CI_JOB_TOKEN: "job-secret" },
    });
    expect(code).toBe(1);
    expect(gitlab.seen[0]?.headers).toMatchObject({ "job-token": "job-secret" });
    expect(stdout).toContain("401 Unauthorized");
    expect(stdout).toContain("a job's own token may set no variables: set GITLAB_TOKEN");
  });

  test("a variable that came to be in between is updated", async () => {
    await publish(["images"]);
    Object.assign(inImages()[0] as StoredVariable, { value: "another" });
    gitlab.upsets.push({ status: 404, body: '{"message":"404 Variable Not Found"}' });
    expect((await publish(["images"])).code).toBe(0);
    expect(inImages()).toMatchObject([{ value: secretOf("images") }]);
  });

  test("more than one variable of the name is told as GitLab tells it", async () => {
    gitlab.upsets.push({ status: 409, body: '{"message":"409 Conflict: There are multiple variables"}' });
    expect((await publish(["images"])).stdout).toContain("409 Conflict: There are multiple variables");
  });

  test("its objections to single properties are told, and its words without the token", async () => {
    gitlab.upsets.push(
      { status: 404 },
      { status: 400, body: JSON.stringify({ message: { value: [`${secretOf("images")} is invalid`] } }) },
    );
    expect((await publish(["images"])).stdout).toContain('400 {"value":["[the token] is invalid"]}');
  });

  test("a group's variable that it made for all environments is told, as its licence knows no others", async () => {
    gitlab.groupScopes = false;
    project.declare({
      ci: { branches: { ...tokens.ci.branches, gitlab: { group: "7", environmentScope: "production" } } },
    });
    const { code, stdout } = await publish();
    expect(code).toBe(1);
    expect(stdout).toContain("GitLab made it environment_scope * instead of environment_scope production");
  });
});

describe("when GitLab is busy", () => {
  const busy = { status: 429, headers: { "Retry-After": "7" } };

  test("it is asked again after the time that it says", async () => {
    gitlab.upsets.push(busy, busy);
    const slept: number[] = [];
    expect((await publish(["images"], { slept })).code).toBe(0);
    expect(slept).toEqual([7_000, 7_000]);
  });

  test("a date will do for the time", async () => {
    gitlab.upsets.push({ status: 429, headers: { "Retry-After": "Sun, 22 Nov 2026 08:00:03 GMT" } });
    const slept: number[] = [];
    expect((await publish(["images"], { slept })).code).toBe(0);
    expect(slept).toEqual([3_000]);
  });

  test("and without a time, or when it fails, after twice as long each time, five times at most", async () => {
    gitlab.upsets.push(...Array(5).fill({ status: 502, body: "<html>Bad Gateway</html>" }));
    const slept: number[] = [];
    const { code, stdout } = await publish(["images"], { slept });
    expect(code).toBe(1);
    expect(slept).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(stdout).toContain("502 <html>Bad Gateway</html>");
    expect(gitlab.seen).toHaveLength(5);
  });

  test("nobody waits for more than a minute", async () => {
    gitlab.upsets.push({ status: 429, headers: { "Retry-After": "600" } });
    const slept: number[] = [];
    const { code, stdout } = await publish(["images"], { slept });
    expect({ code, slept }).toEqual({ code: 1, slept: [] });
    expect(stdout).toContain("429 Too Many Requests");
  });

  test("a variable that was made although the answer was lost is not made twice", async () => {
    gitlab.upsets.push({ status: 404 }, { status: 503, afterwards: true });
    expect((await publish(["images"])).code).toBe(0);
    expect(inImages()).toMatchObject([{ value: secretOf("images") }]);
  });

  test("no answer at all is told after as many attempts", async () => {
    await gitlab.close();
    const slept: number[] = [];
    const { code, stdout } = await publish(["images"], { slept });
    expect(code).toBe(1);
    expect(slept).toHaveLength(4);
    expect(stdout).toMatch(/no answer from http:\/\/127\.0\.0\.1:\d+\/api\/v4: connect ECONNREFUSED/);
    gitlab = await gitLabServer();
  });
});

describe("before anything is sent", () => {
  test.each([
    [{ CI_API_V4_URL: "http://gitlab.example.com/api/v4" }, "the address of GitLab's API is no https URL"],
    [
      { CI_API_V4_URL: "https://me:secret@gitlab.example.com/api/v4" },
      "the address of GitLab's API is no https URL",
    ],
    [{ CI_API_V4_URL: "gitlab" }, "the address of GitLab's API is no https URL"],
    [{ CI_API_V4_URL: "" }, "name its API with --api"],
    [{ GITLAB_TOKEN: "" }, "there is no credential for GitLab"],
  ])("%o is refused", async (env, message) => {
    const { code, stdout, stderr } = await publish([], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("secret");
    expect(gitlab.seen).toEqual([]);
  });

  test("--api goes before the environment", async () => {
    const { code } = await publish(["--api", `${gitlab.url}/`], {
      env: { CI_API_V4_URL: "https://gitlab.invalid" },
    });
    expect(code).toBe(0);
  });

  test("a redirect is not followed: the credential is for one server", async () => {
    gitlab.upsets.push({ status: 302, headers: { Location: "https://elsewhere.example.com/" } });
    const { code, stdout } = await publish(["images"]);
    expect(code).toBe(1);
    expect(stdout).toContain("302 it redirects to https://elsewhere.example.com/: give that with --api");
    expect(gitlab.seen).toHaveLength(1);
  });

  test("a name that declares no variable is not found", async () => {
    const { code, stderr } = await publish(["image"]);
    expect(code).toBe(3);
    expect(stderr).toContain(
      "stack test declares no GitLab variable for a token image\ndid you mean images?",
    );
  });

  test("two tokens for one variable are refused", async () => {
    project.declare({ ci: { one: tokens.ci.images, two: tokens.ci.images } });
    const { code, stderr } = await publish();
    expect(code).toBe(2);
    expect(stderr).toContain("ATTIC_TOKEN of platform/images for * is set by one and two");
  });

  test("a stack without any has nothing to do, and needs no credential", async () => {
    project.declare({ root: everyKind.root });
    const { code, stdout } = await publish([], { env: { GITLAB_TOKEN: "" } });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "no token of the stack declares a GitLab variable\n",
    });
  });
});
