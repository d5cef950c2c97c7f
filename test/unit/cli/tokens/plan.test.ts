import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type PlannedRotation, rotationPlan } from "../../../../cli/tokens/rotation-plan.ts";
import { calendar } from "../../../../components/tokens/calendar.ts";
import { seconds } from "../../../../components/tokens/rotation.ts";
import { stackConfig } from "../../../support/settings.ts";
import { everyKind, made, type TestProject, testProject } from "../world.ts";

describe("the plan of rotations", () => {
  const day = 86_400;
  /** Any rotation that the configuration allows. */
  const rotation = fc.integer({ min: 2, max: 90 }).chain((validityDays) =>
    fc.record({
      validityDays: fc.constant(validityDays),
      rotateBeforeDays: fc.integer({ min: 1, max: Math.floor(validityDays / 2) }),
    }),
  );
  const caches = { caches: { main: ["pull" as const] } };

  test("is what stepping the calendar day by day finds", () => {
    const world = fc.record({
      one: rotation,
      other: rotation,
      revoked: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }),
      from: fc.integer({ min: -20 * day, max: 400 * day }),
      days: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(world, ({ one, other, revoked, from, days }) => {
        const config = stackConfig({
          tokens: {
            ci: { one: { ...caches, ...one } },
            readOnly: { other: { ...caches, ...other } },
            revoked: revoked.map((generation) => ({ token: "one", generation, reason: "test" })),
          },
        });
        const moments = { key: made, roots: {} };
        const start = seconds(new Date(made)) + from;
        const plan = rotationPlan(config, moments, { after: start, until: start + days * day });

        const stepped: PlannedRotation[] = [];
        for (let d = 1; d <= days; d++) {
          const [before, now] = [d - 1, d].map((n) =>
            calendar(config, new Date((start + n * day) * 1000), moments),
          );
          for (const [i, { name, kind, current }] of (now ?? []).entries()) {
            const old = before?.[i]?.current;
            if (!old || old.number === current.number) continue;
            stepped.push({
              at: current.issued,
              name,
              kind,
              from: { number: old.number, issue: old.issue },
              to: { number: current.number, issue: current.issue },
              oldValidUntil: old.expires,
            });
          }
        }
        const order = (a: PlannedRotation, b: PlannedRotation) => a.at - b.at || (a.name < b.name ? -1 : 1);
        expect(plan).toEqual(stepped.sort(order));
      }),
      { numRuns: 60 },
    );
  });

  test("joins without a gap or a repetition where one plan ends and the next begins", () => {
    const config = stackConfig({ tokens: everyKind });
    const moments = { key: made, roots: { admin: made } };
    const start = seconds(new Date(made));
    const span = fc.integer({ min: 0, max: 900 * day });
    fc.assert(
      fc.property(span, span, (one, other) => {
        const [middle, end] = [start + Math.min(one, other), start + Math.max(one, other)];
        expect([
          ...rotationPlan(config, moments, { after: start, until: middle }),
          ...rotationPlan(config, moments, { after: middle, until: end }),
        ]).toEqual(rotationPlan(config, moments, { after: start, until: end }));
      }),
    );
  });

  test("never lets a token end before the next one takes its place", () => {
    const config = stackConfig({ tokens: everyKind });
    const start = seconds(new Date(made));
    const plan = rotationPlan(
      config,
      { key: made, roots: { admin: made } },
      { after: start, until: start + 1e9 },
    );
    expect(plan.length).toBeGreaterThan(100);
    for (const { at, oldValidUntil } of plan) expect(oldValidUntil).toBeGreaterThan(at);
  });
});

describe("atticctl tokens plan", () => {
  let project: TestProject;
  beforeEach(async () => {
    project = testProject();
    await project.update(0);
  });
  afterEach(() => project.remove());
  const plan = (args: string[] = [], how = {}) =>
    project.run(["tokens", "plan", ...args], { day: 1, ...how });

  test("looks a year ahead, one line an event", async () => {
    const { code, stdout, stderr } = await plan();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [head, ...lines] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^WHEN +TOKEN +GENERATION +OLD ONE VALID UNTIL$/);
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["2027-02-05 08:00 UTC", "developers", "1 → 2", "2027-02-19 07:50 UTC"],
      ["2027-02-05 08:00 UTC", "gitlab-main", "1 → 2", "2027-02-19 07:50 UTC"],
      [
        "2027-04-20 08:00 UTC",
        "admin",
        "by hand",
        "2027-05-20 07:50 UTC",
        "raise attic:tokens.root.admin.generation to 2",
      ],
      ["2027-04-22 08:00 UTC", "developers", "2 → 3", "2027-05-06 07:50 UTC"],
      ["2027-04-22 08:00 UTC", "gitlab-main", "2 → 3", "2027-05-06 07:50 UTC"],
      ["2027-07-07 08:00 UTC", "developers", "3 → 4", "2027-07-21 07:50 UTC"],
      ["2027-07-07 08:00 UTC", "gitlab-main", "3 → 4", "2027-07-21 07:50 UTC"],
      ["2027-09-21 08:00 UTC", "developers", "4 → 5", "2027-10-05 07:50 UTC"],
      ["2027-09-21 08:00 UTC", "gitlab-main", "4 → 5", "2027-10-05 07:50 UTC"],
      ["2027-10-22 08:00 UTC", "warmer", "1 → 2", "2027-11-21 07:50 UTC"],
      ["10 events until 2027-11-22 08:00 UTC"],
    ]);
  });

  test("looks as far as it is told, by a date or a span", async () => {
    const dates = (stdout: string) => stdout.match(/^2027-\d\d-\d\d/gm);
    expect(dates((await plan(["--at", "2027-03-01"])).stdout)).toEqual(["2027-02-05", "2027-02-05"]);
    expect(dates((await plan(["--for", "76d"])).stdout)).toEqual(["2027-02-05", "2027-02-05"]);
    expect((await plan(["--for", "30d"])).stdout).toBe(
      "nothing rotates until 2026-12-22 08:00 UTC, in 30 d\n",
    );
  });

  test("is an empty list as JSON when nothing rotates, and events with times else", async () => {
    expect((await plan(["--for", "30d", "--json"])).json()).toEqual([]);
    expect((await plan(["--at", "2027-05-01", "--json"])).json()[2]).toEqual({
      at: "2027-04-20T08:00:00Z",
      token: "admin",
      kind: "root",
      from: { generation: 1, issue: 0 },
      to: null,
      oldValidUntil: "2027-05-20T07:50:00Z",
      byHand: true,
      overdue: false,
    });
  });

  test("begins with what an update should have done, each token once, however long that was missed", async () => {
    const { stdout } = await plan(["--for", "1d"], { day: 160 });
    expect(
      stdout
        .split("\n")
        .slice(1, -2)
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ["2027-04-22 08:00 UTC", "gitlab-main", "1 → 3", "2027-02-19 07:50 UTC", "overdue: run the update"],
      ["2027-04-22 08:00 UTC", "developers", "1 → 3", "2027-02-19 07:50 UTC", "overdue: run the update"],
      [
        "2027-04-20 08:00 UTC",
        "admin",
        "by hand",
        "2027-05-20 07:50 UTC",
        "overdue: raise attic:tokens.root.admin.generation to 2",
      ],
    ]);
  });

  test("leaves out a root token of which nobody knows when it will be made, and says so", async () => {
    project.declare({ root: { admin: { caches: { "*": ["pull"] }, generation: 2 } } });
    const { code, stdout, stderr } = await plan();
    expect(code).toBe(0);
    expect(stdout).toContain("nothing rotates");
    expect(stderr).toBe("admin is left out: its declared generation is not minted yet\n");
  });

  test.each([
    ["nothing rotates", ["--for", "30d"], 0],
    ["only tokens rotate that an update makes anew", ["--for", "76d"], 0],
    ["a root token is due", ["--for", "151d"], 4],
  ])("tells a schedule by its exit code, where it is to, that %s", async (_, args, code) => {
    expect((await plan([...args, "--expect-none-by-hand"])).code).toBe(code);
    expect((await plan(args)).code).toBe(0);
  });

  test("cannot be made while a new signing key is asked for", async () => {
    project.declare({ ...everyKind, signingKey: { generation: 2 } });
    const { code, stderr } = await plan();
    expect(code).toBe(4);
    expect(stderr).toContain("attic:tokens.signingKey.generation is 2, and that key is not made yet");
  });

  test.each([
    [["--at", "2026-11-21"], "2026-11-21 00:00 UTC is past"],
    [["--at", "2027-11-21", "--for", "1d"], "give --at or --for, and not both"],
    [["--for", "soon"], '"soon" is no span of time'],
  ])("refuses %j", async (args, message) => {
    const { code, stdout, stderr } = await plan(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("gives no token away", async () => {
    const all = [await plan(), await plan(["--json"])].map(({ stdout, stderr }) => stdout + stderr).join();
    for (const secret of project.secrets()) expect(all).not.toContain(secret);
  });
});
