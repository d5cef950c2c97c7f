import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { exceptions } from "../../../judges/exceptions.ts";
import { filledIn } from "../../../judges/manifests.ts";
import { secretMask, unknownMask } from "../../../render/mask.ts";

const page = readFileSync("docs/judges.md", "utf8");
const version = (file: string, module: string) =>
  readFileSync(file, "utf8").match(new RegExp(`${module} v([\\d.]+)`))?.[1];
const { dependencies } = JSON.parse(readFileSync("judges/iam/package.json", "utf8")) as {
  dependencies: Record<string, string>;
};

describe("the page on the judges has the version of", () => {
  test.each<[string, string | undefined]>([
    ["kube-apiserver", version("embedded/control-plane/go.mod", "k8s.io/kubernetes")],
    ["kube-score", version("judges/kube-score/go.mod", "github.com/zegl/kube-score")],
    ["Trivy", version("judges/trivy/go.mod", "github.com/aquasecurity/trivy")],
    ...Object.entries(dependencies).map(([name, pinned]): [string, string] => [`\`${name}\``, pinned]),
  ])("%s", (judge, pinned) => {
    expect(pinned).toMatch(/^\d+\.\d+\.\d+$/);
    expect(page).toContain(`| ${judge} | ${pinned} |`);
  });
});

test("the page on the judges has how many kinds of complaint are excepted", () => {
  expect(page).toContain(`have ${exceptions().length} kinds of complaint`);
});

test("the page on the judges has what they are shown for what a rendering masks", () => {
  expect(page).toContain(`one key, \`${(filledIn({ stringData: secretMask }) as Shown).stringData.key}\``);
  expect(page).toContain(`| another secret | \`${filledIn(secretMask)}\` |`);
  expect(page).toContain(`\`${filledIn(unknownMask)}\` |`);
});

interface Shown {
  stringData: { key: string };
}
