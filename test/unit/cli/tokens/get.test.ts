import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyKind, type TestProject, testProject } from "../world.ts";

let project: TestProject;
beforeEach(async () => {
  project = testProject();
  await project.update(77);
});
afterEach(() => project.remove());

const get = (args: string[], how = {}) => project.run(["tokens", "get", ...args], { day: 78, ...how });

describe("atticctl tokens get", () => {
  test("prints the token alone, to be piped on", async () => {
    const { secret } = project.deployed().tokens["gitlab-main"] ?? {};
    expect(await get(["gitlab-main"])).toMatchObject({ code: 0, stdout: `${secret}\n`, stderr: "" });
  });

  test("prints the one before it with --previous", async () => {
    const { previous } = project.deployed().tokens["gitlab-main"] ?? {};
    expect(await get(["gitlab-main", "--previous"])).toMatchObject({
      code: 0,
      stdout: `${previous?.secret}\n`,
    });
    expect(previous?.secret).toMatch(/^eyJ/);
  });

  test("gives it with what it is as JSON", async () => {
    const { secret } = project.deployed().tokens.developers ?? {};
    expect((await get(["developers", "--json"])).json()).toEqual({
      name: "developers",
      kind: "readOnly",
      generation: 2,
      issue: 0,
      expires: "2027-05-06T07:50:00Z",
      token: secret,
    });
  });

  test("warns a person at a terminal in one line, without asking", async () => {
    const { stdout, stderr } = await get(["gitlab-main"], { terminal: true });
    expect(stdout).toBe(`${project.deployed().tokens["gitlab-main"]?.secret}\n`);
    expect(stderr).toBe("warning: the token of gitlab-main stands on this screen from here on\n");
  });

  test("warns of one that has expired or is revoked, on standard error", async () => {
    const old = await get(["developers"], { day: 200 });
    expect(old).toMatchObject({ code: 0, stderr: "warning: it expired 34 d ago\n" });
    project.declare({ ...everyKind, revoked: [{ token: "gitlab-main", generation: 2, reason: "leaked" }] });
    const { stderr } = await get(["gitlab-main"]);
    expect(stderr).toBe("warning: it is revoked, and refused from the update after that on\n");
    expect((await get(["gitlab-main", "--previous"])).stderr).toBe("");
  });

  test("knows no token of another name, and says which it meant", async () => {
    const { code, stdout, stderr } = await get(["gitlab-man"]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toBe(
      "error: stack test has no token gitlab-man\n" +
        "did you mean gitlab-main? the tokens are: gitlab-main, developers, warmer, admin\n",
    );
    expect(await get(["constructor"])).toMatchObject({ code: 3 });
  });

  test("says of one that is declared alone that an update mints it", async () => {
    project.declare({ ...everyKind, service: { new: { caches: { main: ["pull"] } } } });
    const { code, stderr } = await get(["new"]);
    expect(code).toBe(3);
    expect(stderr).toBe("error: new is declared and not minted yet\npulumi up --stack test\n");
  });

  test("has no previous one to give in a first generation", async () => {
    const { code, stderr } = await get(["warmer", "--previous"]);
    expect(code).toBe(3);
    expect(stderr).toBe("error: there is no generation before 1 of warmer that is still valid\n");
  });
});
