import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freezeOf } from "../../../../cli/delivery/freeze.ts";
import {
  credentials,
  type GitLabServer,
  gitLabServer,
  type StoredVariable,
} from "../../../support/gitlab-server.ts";
import { after, type How, type TestProject, testProject } from "../world.ts";

let project: TestProject;
let gitlab: GitLabServer;
let stored: StoredVariable[];
beforeEach(async () => {
  project = testProject();
  gitlab = await gitLabServer();
  stored = [];
  gitlab.owners.set("projects/7", stored);
});
afterEach(async () => {
  project.remove();
  await gitlab.close();
});

const run = (args: string[], how: How = {}) =>
  project.run(args, {
    ...how,
    env: { GITLAB_TOKEN: credentials.maintainer, CI_API_V4_URL: gitlab.url, CI_PROJECT_ID: "7", ...how.env },
  });
const why = ["--reason", "the end\nof the quarter", "--contact", "#platform"];
/** What a job of an environment sees: GitLab lets the narrower scope win. */
const seenBy = (environment: string) =>
  Object.fromEntries(
    stored
      .filter(({ environment_scope: scope }) => scope === "*" || scope === environment)
      .toSorted((a, b) => a.environment_scope.length - b.environment_scope.length)
      .map(({ key, value }) => [key, value ?? ""]),
  );
const writes = () => gitlab.seen.filter(({ method }) => method !== "GET");

describe("atticctl freeze", () => {
  test("sets what every job's gate then reads", async () => {
    const { code, stdout } = await run(["freeze", ...why, "--until", "2026-11-30T08:00Z"]);
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([
      "project 7: deployments are frozen",
      "  why      the end of the quarter",
      "  contact  #platform",
      "  until    2026-11-30 08:00 UTC (in 8 d)",
      "Jobs that start from now on are stopped; one that runs already is not.",
      "",
    ]);
    expect(freezeOf(seenBy("production"), after(1))).toEqual({
      setBy: "DEPLOYMENT_FREEZE=true",
      reason: "the end of the quarter",
      contact: "#platform",
      until: new Date("2026-11-30T08:00Z"),
      oddities: [],
    });
  });

  test("reaches jobs of unprotected branches, too, with its text as it is", async () => {
    await run(["freeze", ...why]);
    expect(stored.map(({ protected: kept, masked, raw }) => ({ kept, masked, raw }))).toEqual(
      Array(4).fill({ kept: false, masked: false, raw: true }),
    );
  });

  test("does nothing the second time, and says that it was so", async () => {
    await run(["freeze", ...why]);
    const before = writes().length;
    const { code, stdout } = await run(["freeze", ...why]);
    expect(code).toBe(0);
    expect(stdout).toContain("project 7: deployments are frozen, and were so already");
    expect(writes()).toHaveLength(before);
  });

  test("loses no time to the end of an earlier freeze", async () => {
    await run(["freeze", ...why, "--until", "2026-11-23"]);
    await run(["freeze", ...why], { day: 5 });
    expect(freezeOf(seenBy("staging"), after(5))).toMatchObject({ until: undefined });
    const keys = writes().map(({ url, body }) => body?.key ?? url.replace(/.*\/(\w+)\?.*/, "$1"));
    expect(keys.slice(0, 2)).toEqual(["FREEZE_UNTIL", "DEPLOYMENT_FREEZE"]);
    expect(keys.at(-1)).toBe("FREEZE_UNTIL");
  });

  test("of one environment leaves the others alone, and has its own end", async () => {
    await run(["freeze", ...why, "--until", "2026-11-23"]);
    await run(["freeze", "--reason", "audit", "--contact", "me", "--environment", "production"]);
    expect(freezeOf(seenBy("production"), after(10))).toMatchObject({ reason: "audit", until: undefined });
    expect(freezeOf(seenBy("staging"), after(10))).toBeUndefined();
  });

  describe("of all environments, where one had a freeze of its own,", () => {
    const own = (...rest: string[]) => [
      ...["freeze", "--reason", "audit", "--contact", "me", "--environment", "production"],
      ...rest,
    ];
    const scopes = () => [...new Set(stored.map(({ environment_scope }) => environment_scope))];

    test("holds there, too, when that has ended by itself, and says what it removed", async () => {
      await run(own("--until", "2026-11-23"));
      const { code, stdout } = await run(["freeze", ...why], { day: 5 });
      expect([code, stdout]).toEqual([
        0,
        expect.stringContaining("environment production: its own freeze had ended and is removed"),
      ]);
      expect(freezeOf(seenBy("production"), after(5))).toMatchObject({ reason: "the end of the quarter" });
      expect(scopes()).toEqual(["*"]);
    });

    test("holds there, too, when an end was all that was left of it", async () => {
      await run(own("--until", "2026-11-23"));
      stored.splice(0, stored.length, ...stored.filter(({ key }) => key === "FREEZE_UNTIL"));
      expect((await run(["freeze", ...why], { day: 5 })).code).toBe(0);
      expect(freezeOf(seenBy("production"), after(5))).toBeDefined();
    });

    test("is set at once, but exit code 4 says that the other one ends before it, and what helps", async () => {
      await run(own("--until", "2026-11-23"));
      const ran = await run(["freeze", ...why, "--until", "2026-11-30"]);
      expect([ran.code, ran.stdout]).toEqual([
        4,
        expect.stringContaining("project 7: deployments are frozen\n"),
      ]);
      expect(ran.stdout).toContain(
        "! environment production: frozen until 2026-11-23 00:00 UTC (in 16 h), as variables of its own go before these\n" +
          "  to have this hold there, too: atticctl unfreeze --project 7 --environment production\n",
      );
      expect(freezeOf(seenBy("staging"), after(5))).toBeDefined();
      expect(freezeOf(seenBy("production"), after(1))).toMatchObject({ reason: "audit" });
    });

    test("says so, too, of one that somebody keeps open, and leaves that to them", async () => {
      await run(own());
      const open = stored.find(({ key }) => key === "DEPLOYMENT_FREEZE") as StoredVariable;
      open.value = "false";
      const { code, stdout } = await run(["freeze", ...why]);
      expect([code, stdout]).toEqual([
        4,
        expect.stringContaining("! environment production: not frozen, as"),
      ]);
      expect(open.value).toBe("false");
    });

    test("is no matter when that holds as long", async () => {
      await run(own());
      expect((await run(["freeze", ...why, "--until", "2026-11-30"])).code).toBe(0);
      expect((await run(["freeze", ...why])).code).toBe(0);
      expect(freezeOf(seenBy("production"), after(30))).toMatchObject({ reason: "audit" });
    });

    test("holds there once that is ended, as the command says that helps", async () => {
      await run(own("--until", "2026-11-23"));
      const { stdout } = await run(["freeze", ...why]);
      const helps = /atticctl (unfreeze .*)$/m.exec(stdout)?.[1] ?? "";
      const ran = await run(helps.split(" "));
      expect([ran.code, ran.stdout]).toEqual([
        0,
        expect.stringContaining(
          "project 7, environment production: deployments are frozen still, by what is set for more than it\n",
        ),
      ]);
      expect(freezeOf(seenBy("production"), after(5))).toMatchObject({ reason: "the end of the quarter" });
    });
  });

  test.each([
    [["--contact", "#platform"], "a freeze needs --reason"],
    [["--reason", "audit"], "a freeze needs --contact"],
    [["--reason", " ", "--contact", "\n"], "a freeze needs --reason and --contact"],
    [[...why, "--until", "2026-11-22"], "the freeze would have ended 2026-11-22T00:00:00Z already"],
    [[...why, "--until", "monday"], '"monday" is no date'],
  ])("with %j is refused, and sets nothing", async (args, message) => {
    const { code, stderr } = await run(["freeze", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(gitlab.seen).toEqual([]);
  });

  test("needs a project", async () => {
    const { code, stderr } = await run(["freeze", ...why], { env: { CI_PROJECT_ID: "" } });
    expect(code).toBe(2);
    expect(stderr).toContain("name it with --project");
    expect((await run(["freeze", ...why, "--project", "7"], { env: { CI_PROJECT_ID: "" } })).code).toBe(0);
  });

  test("tells what GitLab refuses in its words, with what to do", async () => {
    const { code, stderr } = await run(["freeze", ...why], { env: { GITLAB_TOKEN: credentials.guest } });
    expect(code).toBe(1);
    expect(stderr).toContain(
      "could not freeze project 7: 403 Forbidden\nthe holder of GITLAB_TOKEN may not do that",
    );
  });

  test("--show says what is set, and changes nothing", async () => {
    expect((await run(["freeze", "--show"])).stdout).toBe("project 7: deployments are not frozen\n");
    await run(["freeze", ...why]);
    const before = writes().length;
    const { code, stdout } = await run(["freeze", "--show"]);
    expect(code).toBe(0);
    expect(stdout).toContain("project 7: deployments are frozen\n  why      the end of the quarter");
    expect((await run(["freeze", "--show", "--json"])).json()).toMatchObject({
      frozen: true,
      FREEZE_CONTACT: "#platform",
    });
    expect(writes()).toHaveLength(before);
  });

  test("--show says what the jobs of one environment see, by whatever is set for them", async () => {
    await run(["freeze", ...why]);
    const { stdout } = await run(["freeze", "--show", "--environment", "production"]);
    expect(stdout).toContain("project 7, environment production: deployments are frozen\n  why      the end");
  });

  test("--show says of every environment with variables of its own whether it is frozen", async () => {
    await run(["freeze", ...why, "--environment", "production", "--until", "2026-11-23"]);
    expect((await run(["freeze", "--show"])).stdout).toBe(
      "project 7: deployments are not frozen\nenvironment production: frozen until 2026-11-23 00:00 UTC (in 16 h)\n",
    );
    const { json } = await run(["freeze", "--show", "--json"], { day: 5 });
    expect(json()).toMatchObject({
      frozen: false,
      environments: [{ environment: "production", frozen: false, until: null }],
    });
  });

  test("--show does not take a project that is not there for one that is not frozen", async () => {
    const { code, stderr } = await run(["freeze", "--show", "--project", "platform/atic"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("404 Project Not Found")]);
  });
});

describe("atticctl unfreeze", () => {
  test("removes what freeze set, and nothing else", async () => {
    await run(["freeze", ...why]);
    stored.push({ ...(stored[0] as StoredVariable), key: "ATTIC_TOKEN" });
    await run(["freeze", ...why, "--environment", "production"]);
    const { code, stdout } = await run(["unfreeze"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "project 7: deployments are no longer frozen\nenvironment production: frozen until somebody ends it\n",
    );
    expect(stored.filter(({ environment_scope }) => environment_scope === "*").map(({ key }) => key)).toEqual(
      ["ATTIC_TOKEN"],
    );
    expect(freezeOf(seenBy("production"), after(1))).toBeDefined();
  });

  test("opens the gate first, so that no half of a freeze is left", async () => {
    await run(["freeze", ...why]);
    gitlab.seen.length = 0;
    await run(["unfreeze"]);
    expect(writes()[0]?.url).toContain("DEPLOYMENT_FREEZE");
  });

  test("has nothing to do when nothing is frozen", async () => {
    const { code, stdout } = await run(["unfreeze"]);
    expect(code).toBe(0);
    expect(stdout).toContain("project 7: deployments were not frozen");
    expect(writes()).toEqual([]);
  });
});

describe("atticctl gate", () => {
  const frozen = { DEPLOYMENT_FREEZE: "true", FREEZE_REASON: "audit", FREEZE_CONTACT: "#platform" };

  test.each(["deploy", "rollback", "revoke"])("lets %s pass when nothing is frozen", async (what) => {
    const { code, stdout, stderr } = await run(["gate", "--for", what]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${what}: passes; deployments are not frozen\n`,
      stderr: "",
    });
  });

  test.each(["deploy", "rollback", "revoke"])("stops %s with exit 4 when it is frozen", async (what) => {
    const { code, stdout, stderr } = await run(["gate", "--for", what], { env: frozen });
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toContain("error: DEPLOYMENTS ARE FROZEN. Nothing was changed.\n\n  why      audit\n");
  });

  test("lets a rollback pass with a reason, aloud", async () => {
    const args = ["gate", "--for", "rollback", "--override-freeze", "rubbish", "--json"];
    const { code, json, stderr } = await run(args, { env: frozen });
    expect(code).toBe(0);
    expect(json().overridden).toContain("because: rubbish");
    expect(stderr).toContain("DEPLOYMENTS ARE FROZEN, and this goes past it:");
  });

  test("asks GitLab nothing, and needs no stack", async () => {
    project.remove();
    expect((await run(["gate", "--for", "deploy"], { cwd: "/" })).code).toBe(0);
    expect(gitlab.seen).toEqual([]);
  });
});
