import { describe, expect, test } from "vitest";
import { dot } from "../../../../pictures/architecture/dot.ts";
import { architecture } from "../../../../pictures/architecture/index.ts";
import { parts, shown } from "../../../../pictures/architecture/parts.ts";
import { recording as record } from "../../../../pictures/pictures.ts";
import type { Recording } from "../../../../render/record.ts";

const recording = await record();

/** The recording without some resources. */
const without = (type: string, name: string): Recording => ({
  ...recording,
  resources: recording.resources.filter(
    (each) => !(each.type.endsWith(`:${type}`) && each.name === name && each.custom),
  ),
});

const arrows = (of = recording) =>
  architecture(of).edges.map(({ from, to, words }) => `${from} ${to} ${words}`);

describe("the boxes", () => {
  test("hold every resource of the stack, each once", () => {
    const held = architecture(recording).parts.flatMap(({ made }) => made.map(({ urn }) => urn));
    expect(held.toSorted()).toEqual(
      shown(recording)
        .map(({ urn }) => urn)
        .toSorted(),
    );
  });

  test.each(parts.flatMap(({ of }) => of.filter((pattern) => !pattern.includes("*"))))(
    "cannot outlive %s, which one of them is said to be made of",
    (pattern) => {
      const [type = "", name = ""] = pattern.split(" ");
      expect(() => architecture(without(type, name))).toThrow(
        `${type} ${name}, which the program does not make`,
      );
    },
  );

  test("do not leave out what the program makes anew", () => {
    const [first] = shown(recording);
    const resources = [
      ...recording.resources,
      { ...first, name: "new", type: "kubernetes:batch/v1:CronJob" } as never,
    ];
    expect(() => architecture({ ...recording, resources })).toThrow(
      "CronJob new is in no part of the picture",
    );
  });

  test("say how far the API scales and how many instances the database has", () => {
    const says = new Map(architecture(recording).parts.map(({ id, says, made }) => [id, says(made)]));
    expect([says.get("api"), says.get("database")]).toEqual(["3 to 10 replicas", "3 instances"]);
  });
});

describe("the arrows", () => {
  test("are the connections that the network policies allow, and roles to the buckets", () => {
    expect(arrows()).toEqual(
      expect.arrayContaining([
        "traefik api 8080",
        "api database 5432",
        "gc database 5432",
        "migrations database 5432",
        "prometheus database 9187",
        "api nars 443",
        "gc nars 443",
        "database backups 443",
      ]),
    );
  });

  test("are none that they do not allow", () => {
    const pairs = arrows().map((arrow) => arrow.split(" ").slice(0, 2).join(" "));
    for (const pair of [
      "migrations nars",
      "api backups",
      "gc backups",
      "database nars",
      "traefik database",
    ]) {
      expect(pairs).not.toContain(pair);
    }
  });

  test("lack one whose policy is gone", () => {
    const resources = recording.resources.map((each) =>
      each.type.endsWith(":NetworkPolicy") && each.name === "attic"
        ? { ...each, inputs: { ...each.inputs, spec: { podSelector: {}, policyTypes: ["Ingress"] } } }
        : each,
    );
    expect(arrows({ ...recording, resources })).not.toContain("traefik api 8080");
  });

  test("of what is handed over need one that waits for the other, or names it", () => {
    const resources = recording.resources.map((each) =>
      each.type.endsWith(":Secret") ? { ...each, dependsOn: [], inputs: {} } : each,
    );
    expect(() => architecture({ ...recording, resources })).toThrow("nothing of settings waits for or names");
  });
});

describe("the steps", () => {
  test("have the database before migrations, and those before the API and the garbage collector", () => {
    const { steps } = architecture(recording);
    const [database = 0, migrations = 0, api = 0, gc = 0] = ["database", "migrations", "api", "gc"].map(
      (id) => steps.get(id),
    );
    expect(database).toBeLessThan(migrations);
    expect([api, gc]).toEqual([migrations + 1, migrations + 1]);
  });

  test("begin with what waits for nothing, and leave out what the stack does not make", () => {
    const { steps } = architecture(recording);
    expect([steps.get("signingKey"), steps.get("network")]).toEqual([1, 1]);
    expect(steps.has("traefik")).toBe(false);
  });
});

test("the graph has a node for every box, and an edge for every arrow", () => {
  const drawn = architecture(recording);
  const text = dot(drawn);
  for (const { id } of drawn.parts) expect(text).toMatch(new RegExp(`^${id} \\[width`, "m"));
  expect(text.match(/->/g)).toHaveLength(drawn.edges.length);
});
