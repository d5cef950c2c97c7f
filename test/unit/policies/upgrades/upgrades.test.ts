import { describe, expect, test } from "vitest";
import type { SubjectValues } from "../../../../policies/framework/subject.ts";
import { UNKNOWN } from "../../../../policies/framework/unknown.ts";
import { migrationsFirst } from "../../../../policies/upgrades/migrations.ts";
import { oneTask } from "../../../../policies/upgrades/modes.ts";
import { oneImage } from "../../../../policies/upgrades/one-image.ts";
import { api, autoscaler, change, collector, cronJob, IMAGE, migrations } from "../fixtures.ts";
import { fields, judge, only, resource } from "../support.ts";

const CONTAINER = "spec.template.spec.containers.0";
const FIELD = "spec.template.spec.containers[0]";
const OTHER = IMAGE.replace("b7c9", "0000");
const after = (subject: SubjectValues, ...dependencies: string[]) => ({ ...subject, dependencies });

const job = migrations();
const stack = [after(api(), job.urn), after(collector(), job.urn), job, autoscaler()];

test.each([oneImage, oneTask, migrationsFirst])(
  "$name has nothing against a stack without mistakes",
  (policy) => {
    expect(judge(policy, stack)).toEqual({ findings: [], open: [], unusedExceptions: [] });
  },
);

describe("beside a workload of which something is not known yet", () => {
  const container = "spec.jobTemplate.spec.template.spec.containers.0";
  const unknown = { ...change(cronJob(), { [`${container}.args.0`]: UNKNOWN }), name: "other" };

  test.each([
    ["another image", oneImage, [change(api(), { [`${CONTAINER}.image`]: OTHER }), collector(), job]],
    ["a process that does everything", oneTask, [change(api(), { [`${CONTAINER}.args`]: [] })]],
    ["a process that waits for no migration", migrationsFirst, [api(), after(collector(), job.urn), job]],
  ])("%s is found", (_, policy, resources) => {
    const { findings, open } = judge(policy, [unknown, ...resources]);
    expect([findings.length, open.map(({ field }) => field)]).toEqual([
      1,
      ["spec.jobTemplate.spec.template.spec.containers[0].args[0]"],
    ]);
  });

  test("nobody is told that nothing migrates: that workload may", () => {
    expect(judge(migrationsFirst, [unknown, api()]).findings).toEqual([]);
  });
});

describe("another image", () => {
  test.each([
    [
      "of the API",
      [change(api(), { [`${CONTAINER}.image`]: OTHER }), collector(), job],
      "Deployment nix-cache/attic",
    ],
    [
      "of the collector",
      [api(), change(collector(), { [`${CONTAINER}.image`]: OTHER }), job],
      "Deployment nix-cache/attic-gc",
    ],
  ])("%s is found", (_, resources, title) => {
    const finding = only(judge(oneImage, resources));
    expect([finding.resource, finding.field, finding.found]).toEqual([
      title,
      `${FIELD}.image`,
      JSON.stringify(OTHER),
    ]);
  });

  test("of the migrations is found at everybody else", () => {
    const migrated = change(job, { [`${CONTAINER}.image`]: OTHER });
    expect(judge(oneImage, [api(), collector(), migrated]).findings).toHaveLength(2);
  });

  test("of a container that is not Attic's is fine", () => {
    const sidecar = { name: "sidecar", image: "example.com/sidecar", args: ["-v"] };
    expect(
      judge(oneImage, [change(api(), { "spec.template.spec.containers.1": sidecar }), job]).findings,
    ).toEqual([]);
  });

  test("that is not known yet is left open", () => {
    const { findings, open } = judge(oneImage, [api(), change(job, { [`${CONTAINER}.image`]: UNKNOWN })]);
    expect([findings.length, open.length]).toEqual([0, 1]);
  });
});

describe("a process", () => {
  const args = (mode: string) => ({ [`${CONTAINER}.args`]: ["--mode", mode] });

  test.each([
    ["that does everything", [change(api(), args("monolithic"))], "in one"],
    ["that does everything, by default", [change(api(), { [`${CONTAINER}.args`]: [] })], "in one"],
    ["that migrates again and again", [change(api(), args("db-migrations"))], "again and again"],
    ["that collects garbage twice", [change(collector(), { "spec.replicas": 2 })], "several collectors"],
    [
      "that collects garbage twice while it is updated",
      [change(collector(), { "spec.strategy": undefined })],
      "several collectors",
    ],
    [
      "that is scaled and collects garbage",
      [change(api(), args("garbage-collector")), autoscaler()],
      "several collectors",
    ],
  ])("%s is found", (_, resources, problem) => {
    expect(only(judge(oneTask, resources)).problem).toContain(problem);
  });

  test("of a CronJob may collect garbage once in a while", () => {
    expect(judge(oneTask, [cronJob()]).findings).toEqual([]);
  });
});

describe("migrations", () => {
  test("that nobody waits for are found", () => {
    expect(fields(judge(migrationsFirst, [api(), after(collector(), job.urn), job]))).toEqual([FIELD]);
  });

  test("that there are none of are found", () => {
    expect(only(judge(migrationsFirst, [api()])).problem).toBe("nothing migrates the database");
  });

  test("may be waited for by what a workload lies in, or through something else", () => {
    const component = resource("attic:x:Y", "c", {}, { dependencies: [job.urn] });
    const inside = { ...api(), parent: component.urn };
    const config = resource("kubernetes:core/v1:ConfigMap", "c", {}, { dependencies: [job.urn] });
    expect(
      judge(migrationsFirst, [inside, component, after(collector(), config.urn), config, job]).findings,
    ).toEqual([]);
  });

  test("are no trap for resources that wait for each other's components in a circle", () => {
    const one = resource(
      "attic:x:Y",
      "one",
      {},
      { dependencies: ["urn:pulumi:test::attic::attic:x:Y::two"] },
    );
    const two = resource("attic:x:Y", "two", {}, { dependencies: [one.urn] });
    expect(judge(migrationsFirst, [after(api(), one.urn), one, two, job]).findings).toHaveLength(1);
  });

  test("have a Job whose name changes with the image", () => {
    const fixed = change(job, { "metadata.name": "attic-migrate" });
    expect(only(judge(migrationsFirst, [fixed])).field).toBe("metadata.name");
  });
});
