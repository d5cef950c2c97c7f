import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { files } from "../../../render/files.ts";
import { mask } from "../../../render/mask.ts";
import { tree } from "../../../render/tree.ts";
import { write } from "../../../render/write.ts";

const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

describe("the mask", () => {
  test("hides secrets wherever they stand, and says what is not known yet", () => {
    const masked = mask({
      plain: 1,
      list: [{ ...signature, value: "hunter2" }],
      unknown: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    });
    expect(masked).toEqual({ plain: 1, list: ["[secret]"], unknown: "[known after up]" });
  });

  test("keeps the keys of a secret object and hides each value", () => {
    const secret = { ...signature, value: { a: "hunter2", b: { ...signature, value: { c: 1 } } } };
    expect(mask({ secret })).toEqual({ secret: { a: "[secret]", b: "[secret]" } });
  });
});

test("the tree counts and nests what a stack makes", () => {
  const resource = (urn: string, type: string, name: string, parent: string, custom = true) => ({
    urn,
    type,
    name,
    parent,
    custom,
    inputs: {},
    dependsOn: [],
    protect: type === "tls:index:PrivateKey",
  });
  const text = tree({
    resources: [
      resource("s", "pulumi:pulumi:Stack", "attic-test", "", false),
      resource("c", "attic:attic:Attic", "attic", "s", false),
      resource("d", "kubernetes:apps/v1:Deployment", "attic", "c"),
      resource("k", "tls:index:PrivateKey", "key", "s"),
    ],
  });
  expect(text).toBe(`attic-test: 1 Kubernetes object, 1 other resource
├─ PrivateKey key (protected)
└─ Attic attic
   └─ Deployment attic`);
});

test("texts that kubectl would take for booleans or numbers are quoted", () => {
  const parameters = { log_connections: "on", max_connections: "200", listen: "no", hours: "1:30" };
  const urn = "urn:pulumi:test::attic::kubernetes:core/v1:ConfigMap::c";
  const resource = {
    urn,
    type: "kubernetes:core/v1:ConfigMap",
    name: "c",
    parent: "",
    custom: true,
    dependsOn: [],
  };
  const written = files({
    resources: [{ ...resource, protect: false, inputs: { parameters } }],
    outputs: {},
  });
  expect(parse(written.get("config-map-c.yaml") ?? "", { version: "1.1" })).toEqual({ parameters });
});

describe("writing a rendering", () => {
  test("removes what an earlier one wrote and this one does not, and nothing else", () => {
    const folder = mkdtempSync(join(tmpdir(), "render-"));
    try {
      write(
        folder,
        new Map([
          ["a/old.yaml", "1"],
          ["a/kept.yaml", "1"],
        ]),
      );
      writeFileSync(join(folder, "a/mine.txt"), "a person's");
      write(folder, new Map([["a/kept.yaml", "2"]]));
      expect(readdirSync(join(folder, "a")).sort()).toEqual(["kept.yaml", "mine.txt"]);
      expect(readFileSync(join(folder, "a/kept.yaml"), "utf8")).toBe("2");
      expect(existsSync(join(folder, "a/old.yaml"))).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
