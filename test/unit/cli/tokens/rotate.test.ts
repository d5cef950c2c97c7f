import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineError } from "../../../../embedded/engine/errors.ts";
import { event, fakeEngine, scaling } from "../delivery/engine.ts";
import { everyKind, type TestProject, testProject } from "../world.ts";

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
      { stack: "test", rotated: [], waiting: [], expiring: [], published: null },
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
        waiting: ["HorizontalPodAutoscaler attic"],
      },
    ]);
    expect(asked.map(({ action }) => action)).toEqual(["preview", "up"]);
    expect(asked[1]?.targets?.length).toBeGreaterThan(0);
    expect(asked[1]?.targets?.every((urn) => urn.includes(component))).toBe(true);
    expect(asked[1]?.message).toContain("tokens rotate (gitlab-main, developers)");
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

  test("is stopped by a freeze, and passes it only after a revocation", async () => {
    const env = { DEPLOYMENT_FREEZE: "true" };
    const override = [...rotate, "--override-freeze", "leaked"];
    const { asked, operate } = updating(77);
    expect((await project.run(rotate, { day: 77, operate, env })).code).toBe(4);
    const refused = await project.run(override, { day: 77, operate, env });
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining("no token was revoked")]);
    expect(asked).toEqual([]);
    project.declare({ ...everyKind, revoked: [{ token: "gitlab-main", generation: 1, reason: "leaked" }] });
    const { code, json } = await project.run(override, { day: 2, operate, env });
    expect([code, json().rotated]).toEqual([0, [expect.objectContaining({ reason: "revoked", to: "1.1" })]]);
    expect(asked.at(-1)?.message).toContain("because: leaked");
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
