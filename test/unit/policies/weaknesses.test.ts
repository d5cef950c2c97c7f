import { describe, expect, test } from "vitest";
import { SHIPPED } from "../../../config/shipped.ts";
import { readStackFile } from "../../../config/stack-file.ts";
import program from "../../../index.ts";
import { record } from "../../../render/record.ts";
import { weakened } from "../../mutation/mutations.ts";
import { weaknesses } from "../../mutation/weaknesses.ts";

describe("what production is weakened by", async () => {
  const { resources } = await record(program, {
    stack: "production",
    config: readStackFile(SHIPPED, "production"),
  });

  test("is each something that it can be weakened by: the field is there, and becomes another", () => {
    const never = weaknesses.flatMap((weakness) =>
      weakness.to
        .map((to, index) => ({ name: `${weakness.kinds} ${weakness.path} way ${index + 1}`, to }))
        .filter(({ to }) => resources.every((each) => weakened(each, { ...weakness, to: [to] }).next().done))
        .map(({ name }) => name),
    );
    expect(never).toEqual([]);
  });
});
