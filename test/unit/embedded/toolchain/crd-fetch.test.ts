import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fetchCrds } from "../../../../embedded/toolchain/crd-fetch.ts";
import { crdSets } from "../../../../embedded/toolchain/crd-sets.ts";
import { type FakeGo, fakeGo, goFails } from "../../../support/fake-go.ts";

const set = {
  name: "demo",
  module: "example.com/demo",
  version: "v1.0.0",
  sum: "h1:pinned=",
  path: "crds",
  licence: "MIT",
};

let go: FakeGo;
beforeEach(async () => {
  go = await fakeGo();
  await mkdir(join(go.moduleDir, "crds"));
  await writeFile(join(go.moduleDir, "crds", "README.md"), "not YAML");
  await writeFile(
    join(go.moduleDir, "crds", "all.yaml"),
    ["a", "b"].map((name) => `kind: CustomResourceDefinition\nmetadata: {name: ${name}}\n`).join("---\n"),
  );
});
afterEach(() => go.remove());

const answers = (sum: string) => `cat <<'JSON'\n${JSON.stringify({ Dir: go.moduleDir, Sum: sum })}\nJSON`;

test("definitions come out of the module once, and out of the cache from then on", async () => {
  await go.install(answers(set.sum));
  const first = await fetchCrds(set);
  await go.install(goFails("no network"));

  expect(first.map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
  expect(await fetchCrds(set)).toEqual(first);
});

test("a module that hashes to something else is not used, and nothing is kept of it", async () => {
  await go.install(answers("h1:other="));

  await expect(fetchCrds(set)).rejects.toThrow(
    "example.com/demo@v1.0.0 hashes to h1:other=; pinned is h1:pinned=.",
  );
  await expect(readdir(join(go.cache, "attic-pulumi", "crds"))).rejects.toThrow("ENOENT");
});

test("another pin of the same version does not find what an older one kept", async () => {
  await go.install(answers(set.sum));
  await fetchCrds(set);

  await expect(fetchCrds({ ...set, sum: "h1:repinned=" })).rejects.toThrow("pinned is h1:repinned=");
});

test("a set that cannot be had is named", async () => {
  await go.install(goFails("go: example.com/demo@v1.0.0: reading https://proxy.example/x: 403 Forbidden"));
  await expect(fetchCrds(set)).rejects.toThrow(
    "Fetching the CRDs of demo v1.0.0: the module example.com/demo@v1.0.0 was refused",
  );
});

test("a module without definitions at the path is an error, not an empty set", async () => {
  await go.install(answers(set.sum));
  await mkdir(join(go.moduleDir, "empty"));
  await expect(fetchCrds({ ...set, path: "empty" })).rejects.toThrow(
    "has no CustomResourceDefinition at empty",
  );
});

test("every set is pinned by version and sum, and says its licence", () => {
  for (const { version, sum, licence } of crdSets) {
    expect(version).toMatch(/^v\d+\.\d+\.\d+$/);
    expect(sum).toMatch(/^h1:[A-Za-z0-9+/]{43}=$/);
    expect(licence).not.toBe("");
  }
  expect(new Set(crdSets.map(({ name }) => name)).size).toBe(crdSets.length);
});
