import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineError } from "../../../../embedded/engine/errors.ts";
import { event, fakeEngine, scaling } from "../delivery/engine.ts";
import { after, everyKind, type TestProject, testProject } from "../world.ts";

let project: TestProject;
beforeEach(async () => {
  project = testProject();
  await project.update(1);
});
afterEach(() => project.remove());

const component = "attic:tokens:Tokens";
const secret = { op: "update", kind: "Secret", name: "attic-ci-tokens", component, before: {}, after: {} };
const rotate = ["tokens", "rotate", "--yes", "--json"];

/** An engine whose update does to the outputs what the real one would on a day. */
const updating = (day: number) => {
  const engine = fakeEngine(() => [event(secret), event(scaling)]);
  return {
    asked: engine.asked,
    operate: async (operation: Parameters<typeof engine.operate>[0]) => {
      if (operation.action === "up") await project.update(day);
      return engine.operate(operation);
    },
  };
};

describe("tokens rotate", () => {
  test("asks the engine for nothing when nothing is due", async () => {
    const { asked, operate } = updating(75);
    const { code, json } = await project.run(rotate, { day: 75, operate });
    expect([code, json()]).toEqual([
      0,
      { stack: "test", rotated: [], along: [], waiting: [], expiring: [], published: null },
    ]);
    expect(asked).toEqual([]);
  });

  test("leaves alone what is only declared otherwise", async () => {
    project.declare({ ...everyKind, readOnly: { others: { caches: { main: ["pull"] } } } });
    const { asked, operate } = updating(2);
    expect((await project.run(rotate, { day: 2, operate })).code).toBe(0);
    expect(asked).toEqual([]);
  });

  test("updates the tokens' objects alone when one is due, and says what else waits", async () => {
    const { asked, operate } = updating(77);
    const { code, json } = await project.run(rotate, { day: 77, operate });
    expect([code, json()]).toMatchObject([
      0,
      {
        rotated: [{ name: "gitlab-main" }, { name: "developers" }],
        along: [],
        waiting: ["HorizontalPodAutoscaler attic"],
      },
    ]);
    expect(asked.map(({ action }) => action)).toEqual(["preview", "up"]);
    expect(asked[1]?.targets?.length).toBeGreaterThan(0);
    expect(asked[1]?.targets?.every((urn) => urn.includes(component))).toBe(true);
    expect(asked[1]?.message).toContain("tokens rotate (gitlab-main, developers)");
  });

  test("has a root token minted that was raised, without whose moment the others could not be", async () => {
    const root = { admin: { ...everyKind.root?.admin, generation: 2 } } as typeof everyKind.root;
    project.declare({ ...everyKind, root, ci: { ...everyKind.ci, more: { caches: { main: ["pull"] } } } });
    const { asked, operate } = updating(77);
    const { code, json, stderr } = await project.run(rotate, { day: 77, operate });
    expect(asked[1]?.targets).toContain(`**${component}$pulumi:index:Stash::token-admin-2`);
    expect([code, json().rotated.map(({ name }: { name: string }) => name), json().along]).toEqual([
      0,
      ["gitlab-main", "developers"],
      ["more", "admin"],
    ]);
    expect(stderr).toContain("admin: not due, and made with them as it is declared now");
    expect(asked[1]?.message).toContain("tokens rotate (gitlab-main, developers, more, admin)");
  });

  test("asks which GitLab before it makes tokens anew that nobody could publish then", async () => {
    const { asked, operate } = updating(77);
    const { code, stderr } = await project.run([...rotate, "--publish"], {
      day: 77,
      operate,
      env: { GITLAB_TOKEN: "glpat-x" },
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining("name its API with --api")]);
    expect(asked).toEqual([]);
  });

  test("rotates, too, when what else waits cannot be previewed", async () => {
    const { operate } = updating(77);
    const { code, json } = await project.run(rotate, {
      day: 77,
      operate: async (operation) => {
        if (operation.action === "preview") throw new EngineError("resources", "another field manager");
        return operate(operation);
      },
    });
    expect([code, json().waiting]).toEqual([0, [expect.stringContaining("cannot be previewed")]]);
  });

  test("fails for a root token that ends before the next run, and says who must do what", async () => {
    const { operate } = updating(179);
    const how = { day: 179, operate };
    const { code, stdout } = await project.run(["tokens", "rotate", "--yes", "--next-run", "2d"], how);
    expect([code, stdout]).toEqual([
      4,
      expect.stringContaining("raise attic:tokens.root.admin.generation to 2"),
    ]);
    expect((await project.run(["tokens", "rotate", "--yes", "--next-run", "1h"], how)).code).toBe(0);
  });

  test("makes no token under a key that is not made yet", async () => {
    project.declare({ ...everyKind, signingKey: { generation: 2 } });
    const { asked, operate } = updating(77);
    const { code, stderr } = await project.run(rotate, { day: 77, operate });
    expect([code, stderr]).toEqual([4, expect.stringContaining("that key is not made yet")]);
    expect(asked).toEqual([]);
  });

  test("needs somebody to confirm it", async () => {
    const { asked, operate } = updating(77);
    expect((await project.run(["tokens", "rotate"], { day: 77, operate })).code).toBe(2);
    expect(asked.map(({ action }) => action)).toEqual(["preview"]);
  });

  test("prints no secret", async () => {
    const { stdout, stderr } = await project.run(rotate, { day: 77, ...updating(77) });
    for (const each of project.secrets()) expect(stdout + stderr).not.toContain(each);
  });
});

describe("tokens rotate, where the calendar that is declared now has no later generation", () => {
  const gitlabMain = everyKind.ci?.["gitlab-main"] as NonNullable<typeof everyKind.ci>[string];
  const valid = (validityDays: number, rotateBeforeDays: number) => ({
    ...everyKind,
    ci: { "gitlab-main": { ...gitlabMain, validityDays, rotateBeforeDays } },
  });
  beforeEach(async () => {
    project.declare(valid(30, 10));
    await project.update(5);
    project.declare(valid(90, 14));
  });

  test("leaves a token alone until its time has come", async () => {
    const { asked, operate } = updating(19);
    expect((await project.run(rotate, { day: 19, operate })).json().rotated).toEqual([]);
    expect(asked).toEqual([]);
  });

  test.each([22, 31])("makes it anew after that, with the end that it has now: on day %d", async (day) => {
    const { asked, operate } = updating(day);
    const { code, json } = await project.run(rotate, { day, operate });
    expect(json().rotated).toEqual([
      { name: "gitlab-main", kind: "ci", reason: "calendar changed", from: "1", to: "1" },
    ]);
    expect([code, json().expiring, asked.map(({ action }) => action)]).toEqual([0, [], ["preview", "up"]]);
    expect(project.deployed().tokens["gitlab-main"]?.expires).toBe("2027-02-19T07:50:00Z");
    expect((await project.run(rotate, { day, operate })).json().rotated).toEqual([]);
  });

  test("is told by the plan, too, as overdue", async () => {
    const plan = (await project.run(["tokens", "plan", "--for", "1d", "--json"], { day: 22 })).json();
    expect(plan).toEqual([
      expect.objectContaining({ token: "gitlab-main", at: "2026-12-11T08:00:00Z", overdue: true }),
    ]);
  });

  test("does nothing for a root token, whose holder has to see to it", async () => {
    project.declare({
      ...everyKind,
      root: { admin: { ...everyKind.root?.admin, validityDays: 60 } },
    } as never);
    await project.update(5);
    project.declare(everyKind);
    expect((await project.run(rotate, { day: 50, ...updating(50) })).json().rotated).toEqual([]);
  });
});

describe("tokens rotate, while deployments are frozen", () => {
  const override = [...rotate, "--override-freeze", "leaked"];
  const frozen = (until?: number) => ({
    DEPLOYMENT_FREEZE: "true",
    ...(until !== undefined && { FREEZE_UNTIL: after(until).toISOString() }),
  });
  const stopped = async (args: string[], day: number, until?: number) => {
    const { asked, operate } = updating(day);
    const { code, stderr } = await project.run(args, { day, operate, env: frozen(until) });
    expect([code, asked]).toEqual([4, []]);
    return stderr;
  };

  test("is stopped, and says which tokens are due or end meanwhile, and no others", async () => {
    const said = await stopped(rotate, 77, 98);
    expect(said).toContain("DEPLOYMENTS ARE FROZEN. Nothing was changed.");
    expect(said).toContain(
      "  gitlab-main ends 2027-02-19 07:50 UTC (in 12 d); due since 2027-02-05 08:00 UTC (1 d ago)\n",
    );
    expect(said).toContain("  developers ends");
    expect(said).not.toMatch(/warmer|admin/);
    expect(await stopped(rotate, 70, 98)).toContain("  gitlab-main ends 2027-02-19 07:50 UTC (in 19 d)\n");
  });

  test("is stopped without a word of tokens when none is due or ends", async () => {
    expect(await stopped(rotate, 2, 9)).not.toMatch(/gitlab-main|Tokens that are due/);
  });

  test("is stopped by the freeze also when nobody can tell which tokens end", async () => {
    const empty = testProject();
    const { code, stderr } = await empty.run(rotate, { env: frozen() });
    empty.remove();
    expect(code).toBe(4);
    expect(stderr).toContain("DEPLOYMENTS ARE FROZEN");
    expect(stderr).toContain("Which tokens end meanwhile is not known: stack test has no state");
  });

  test("says that no override has a revoked token refused", async () => {
    expect(await stopped(rotate, 77)).toContain(
      "the ingress needs a deployment, which no override lets past",
    );
  });

  test("passes with a reason after a revocation, which is recorded", async () => {
    project.declare({ ...everyKind, revoked: [{ token: "gitlab-main", generation: 1, reason: "leaked" }] });
    const { asked, operate } = updating(2);
    const { code, json } = await project.run(override, { day: 2, operate, env: frozen(9) });
    expect([code, json().rotated]).toEqual([0, [expect.objectContaining({ reason: "revoked", to: "1.1" })]]);
    expect(asked.at(-1)?.message).toContain("because: leaked");
  });

  test.each([
    ["ends before the freeze", 98],
    ["ends before the first run after the freeze", 89.5],
    ["ends while nobody knows when the freeze does", undefined],
  ])("passes with a reason for a token that is due and %s", async (_, until) => {
    const { asked, operate } = updating(77);
    const { code, json } = await project.run(override, { day: 77, operate, env: frozen(until) });
    expect([code, json().rotated]).toEqual([
      0,
      [expect.objectContaining({ name: "gitlab-main" }), expect.objectContaining({ name: "developers" })],
    ]);
    expect(asked.at(-1)?.message).toContain("because: leaked");
  });

  test.each([
    ["nothing is due", 2, 9],
    ["what is due is valid beyond the freeze", 77, 80],
    ["a previous generation alone has ended", 91, undefined],
  ])("is stopped, reason or not, when %s", async (_, day, until) => {
    if (day === 91) await project.update(77);
    expect(await stopped(override, day, until)).toContain("no token was revoked since the last update");
  });
});
