import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ownerWords, publications } from "../../../cli/tokens/publication.ts";
import { jsonSchema } from "../../../config/json-schema.ts";
import { loadStackConfig } from "../../../config/load.ts";
import { keyDocs } from "../../../config/reference.ts";
import { settings } from "../../../config/schema/index.ts";
import { memberOf, shapeOf } from "../../../config/shape.ts";
import { SHIPPED } from "../../../config/shipped.ts";
import { readStackFile, stackNames } from "../../../config/stack-file.ts";

const project = join(import.meta.dirname, "../../..");

/** The fields of an object, or of what a record or a list holds. */
const fieldsOf = (type: Parameters<typeof shapeOf>[0]): ReturnType<typeof shapeOf> => {
  const member = memberOf(type);
  return shapeOf(type) ?? (member && shapeOf(member));
};

/** Every key of the configuration, by path; the names in a record are left out. */
function paths(type = settings as Parameters<typeof shapeOf>[0], at = ""): string[] {
  return Object.entries(fieldsOf(type) ?? {}).flatMap(([key, child]) => [
    at + key,
    ...paths(child, `${at}${key}.`),
  ]);
}

describe("the stack files", () => {
  test.each(stackNames(project))("of %s is valid", (stack) => {
    expect(() => loadStackConfig(readStackFile(project, stack), stack)).not.toThrow();
  });
});

describe("the stack files that the project comes with", () => {
  test("are for local, staging and production", () => {
    expect(stackNames(SHIPPED).sort()).toEqual(["local", "production", "staging"]);
  });

  test.each(stackNames(SHIPPED))("of %s is valid", (stack) => {
    expect(() => loadStackConfig(readStackFile(SHIPPED, stack), stack)).not.toThrow();
  });

  test("set no variable of GitLab that another one sets: each would undo what the other does", () => {
    const set = stackNames(project).flatMap((stack) =>
      publications(loadStackConfig(readStackFile(project, stack), stack)).map(
        ({ gitlab }) => `${gitlab.variable} of ${ownerWords(gitlab)} for ${gitlab.environmentScope}`,
      ),
    );
    expect(set.length).toBeGreaterThan(2);
    expect(set.filter((one, i) => set.indexOf(one) !== i)).toEqual([]);
  });

  test("of production protects what cannot be made again, and survives a zone", () => {
    const config = loadStackConfig(readStackFile(SHIPPED, "production"), "production");
    expect(config.deletionProtection).toBe(true);
    expect(config.api.scaling.minReplicas).toBeGreaterThanOrEqual(3);
    expect(config.api.spread.zones).toBe("require");
  });

  test("that does not exist is told with the nearest that does", () => {
    expect(() => readStackFile(SHIPPED, "prodution")).toThrow(
      "there is no Pulumi.prodution.yaml; did you mean production?",
    );
  });
});

describe("the reference", () => {
  const docs = keyDocs();
  const described = paths().filter((path) => !/Secret\.(name|key)$/.test(path));

  test.each(described)("describes %s", (path) => {
    expect(docs.get(path)?.description.length ?? 0).toBeGreaterThan(10);
  });

  test("describes no key that is gone", () => {
    expect([...docs.keys()].filter((path) => !paths().includes(path))).toEqual([]);
  });

  const shared = /\.resources\.|^tokens\.\w+\.|^network\.\w+\.namespace$|^operators\.\w+\.version$/;

  test("says in words the default that the schema gives", () => {
    const wrong = [...docs].filter(([path, doc]) => {
      const type = path.split(".").reduce<unknown>((at, key) => fieldsOf(at as never)?.[key], settings);
      const value = (type as { def?: { defaultValue?: unknown } }).def?.defaultValue;
      const isPlain = ["string", "number", "boolean"].includes(typeof value);
      // Sections that are used several times have other defaults in each place, told at the section.
      return isPlain && !shared.test(path) && doc.default !== JSON.stringify(value);
    });
    expect(wrong).toEqual([]);
  });

  test("is what editors check stack files against; `npm run schema` writes it anew", () => {
    const written = JSON.parse(readFileSync(join(project, "config/stack.schema.json"), "utf8"));
    expect(JSON.parse(JSON.stringify(jsonSchema()))).toEqual(written);
  });
});
