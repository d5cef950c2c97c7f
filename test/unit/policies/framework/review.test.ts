import { describe, expect, test } from "vitest";
import { configure } from "../../../../policies/framework/config.ts";
import { message } from "../../../../policies/framework/message.ts";
import { each, resourcePolicy, stackPolicy } from "../../../../policies/framework/policy.ts";
import { review } from "../../../../policies/framework/review.ts";
import { flag, integer, list } from "../../../../policies/framework/settings.ts";
import { ofKind, subject } from "../../../../policies/framework/subject.ts";
import { UNKNOWN } from "../../../../policies/framework/unknown.ts";
import { judge, kubernetes, only, resource } from "../support.ts";

const few = resourcePolicy({
  name: "few-replicas",
  description: "Nothing has many replicas.",
  level: "mandatory",
  kinds: ["apps/Deployment"],
  settings: { most: integer(2, "the most that there may be") },
  *check({ object }, { most }) {
    const replicas = object?.spec.replicas;
    if (replicas > most) {
      yield { field: "spec.replicas", found: replicas, problem: "too many", fix: `At most ${most}.` };
    }
  },
});

const named = stackPolicy({
  name: "ports-named",
  description: "Every port has a name.",
  level: "advisory",
  *check(stack) {
    yield* each(ofKind(stack, "core/Service"), (resource) =>
      each(resource.object?.spec.ports, function* (port: { name?: string }, index) {
        if (!port.name)
          yield { resource, field: `spec.ports[${index}].name`, problem: "none", fix: "Name it." };
      }),
    );
  },
});

const deployment = (replicas: unknown) =>
  kubernetes({ apiVersion: "apps/v1", kind: "Deployment", spec: { replicas } });

describe("a finding", () => {
  test("names resource, field, value and fix", () => {
    expect(message(only(judge(few, deployment(3))))).toBe(
      "Deployment nix-cache/attic spec.replicas: 3\n  too many\n  At most 2.",
    );
  });

  test("has no value where something is missing", () => {
    const service = kubernetes({ kind: "Service", spec: { ports: [{ name: "a" }, {}] } });
    expect(message(only(judge(named, service)))).toBe(
      "Service nix-cache/attic spec.ports[1].name\n  none\n  Name it.",
    );
  });

  test("never shows what Pulumi keeps secret", () => {
    const loud = resourcePolicy({
      name: "loud",
      description: "Shows everything.",
      level: "mandatory",
      *check({ properties }) {
        yield { field: "data.password", found: properties.data, problem: "p", fix: "f" };
      },
    });
    const secret = resource("test:Secret", "s", { data: "hunter2" }, { secrets: new Set(["data"]) });
    expect(JSON.stringify(judge(loud, secret))).not.toContain("hunter2");
    expect(only(judge(loud, secret)).found).toBe("a secret");
  });

  test("shows the beginning of what is long", () => {
    const { found } = only(judge(few, deployment("9".repeat(500))));
    expect(found).toHaveLength(120);
    expect(found).toMatch(/…$/);
  });
});

describe("a policy", () => {
  test("is about the kinds that it names, in any version of the API", () => {
    const spec = { replicas: 3 };
    expect(judge(few, kubernetes({ apiVersion: "apps/v1", kind: "StatefulSet", spec })).findings).toEqual([]);
    expect(
      judge(few, kubernetes({ apiVersion: "apps/v1beta2", kind: "Deployment", spec })).findings,
    ).toHaveLength(1);
  });

  test("leaves open what it cannot tell yet", () => {
    expect(judge(few, deployment(UNKNOWN))).toMatchObject({
      findings: [],
      open: [{ policy: "few-replicas", resource: "Deployment nix-cache/attic", field: "spec.replicas" }],
    });
  });

  test("judges the other parts when it cannot tell about one", () => {
    const service = kubernetes({ kind: "Service", spec: { ports: [{ name: UNKNOWN }, {}] } });
    const { findings, open } = judge(named, service);
    expect([findings.length, open.map(({ field }) => field)]).toEqual([1, ["spec.ports[0].name"]]);
  });

  test("that fails, fails the review: a broken policy must not pass for a contented one", () => {
    const broken = resourcePolicy({
      name: "broken",
      description: "Fails.",
      level: "advisory",
      check: () => {
        throw new TypeError("oops");
      },
    });
    expect(() => judge(broken, deployment(1))).toThrow("oops");
  });

  test("at level disabled is not asked", () => {
    expect(judge(few, deployment(3), { enforcementLevel: "disabled" }).findings).toEqual([]);
  });

  test("leaves an excepted resource alone, and tells exceptions that nothing was found for", () => {
    const except = { "Deployment/attic": "as many as it likes", "Deployment/gone": "was here before" };
    expect(judge(few, deployment(3), { except })).toEqual({
      findings: [],
      open: [],
      unusedExceptions: ["few-replicas Deployment/gone"],
    });
  });

  test("is about resources of other providers by their whole type", () => {
    expect(subject(resource("aws:s3/bucket:Bucket", "nars", {})).kind).toBe("aws:s3/bucket:Bucket");
    expect(subject(resource("kubernetes:helm.sh/v3:Release", "traefik", {})).object).toBeUndefined();
  });
});

describe("a stack's configuration", () => {
  test("sets levels and settings over the defaults", () => {
    const [configured] = configure([few], { "few-replicas": { enforcementLevel: "advisory", most: 5 } });
    expect(configured).toMatchObject({ level: "advisory", settings: { most: 5 } });
    expect(configure([few])[0]).toMatchObject({ level: "mandatory", settings: { most: 2 } });
  });

  test("sets the level of all with one word, and of one beside it", () => {
    const levels = configure([few, named], { all: "disabled", "ports-named": "mandatory" }).map(
      ({ level }) => level,
    );
    expect(levels).toEqual(["disabled", "mandatory"]);
  });

  test("lists every mistake at once", () => {
    const loose = resourcePolicy({
      name: "loose",
      description: "Has settings of every type.",
      level: "advisory",
      settings: { strict: flag(true, "?"), names: list([], "?") },
      check: () => [],
    });
    const config = {
      "few-replica": "mandatory" as const,
      "few-replicas": { enforcementLevel: "strict" as never, most: 1.5, least: 3 },
      loose: { strict: "yes", names: ["a", 1], except: { "Deployment/attic": "" } },
    };
    let text = "";
    try {
      configure([few, loose], config);
    } catch (error) {
      text = (error as Error).message;
    }
    expect(text.split("\n").slice(1)).toEqual([
      "  few-replica is no policy",
      '  few-replicas: "strict" is no level; there are disabled, advisory, mandatory, remediate',
      "  few-replicas.most must be of type integer, found 1.5",
      "  few-replicas.least is no setting; there are most, except",
      '  loose.strict must be of type boolean, found "yes"',
      '  loose.names must be of type array, found ["a",1]',
      "  loose.except.Deployment/attic needs the reason, in ten letters at least",
    ]);
  });
});

test("a stack with nothing in it has nothing against it", () => {
  expect(review(configure([few, named]), { resources: [] })).toEqual({
    findings: [],
    open: [],
    unusedExceptions: [],
  });
});
