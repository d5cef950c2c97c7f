import { describe, expect, test } from "vitest";
import { noDestruction } from "../../../../policies/guards/no-destruction.ts";
import { irreplaceableProtected } from "../../../../policies/guards/protected.ts";
import { cluster } from "../fixtures.ts";
import { judge, kubernetes, only, resource } from "../support.ts";

const bucket = (properties: Record<string, unknown> = {}) =>
  resource("aws:s3/bucket:Bucket", "nars", { bucket: "nix-cache", ...properties }, { protect: true });
const key = resource("tls:index/privateKey:PrivateKey", "signing-key", {}, { protect: true });
const cacheKey = resource("tls:index/privateKey:PrivateKey", "cache-main", {}, { protect: true });
const namespace = kubernetes({ kind: "Namespace", metadata: { name: "nix-cache" } }, { protect: true });
const database = { ...cluster(), protect: true };

test.each([irreplaceableProtected, noDestruction])(
  "$name has nothing against what is protected",
  (policy) => {
    expect(judge(policy, [bucket(), key, namespace, database])).toEqual({
      findings: [],
      open: [],
      unusedExceptions: [],
    });
  },
);

describe("without protection", () => {
  test.each([
    ["a bucket", bucket(), "Bucket nars"],
    ["a cache's key", cacheKey, "PrivateKey cache-main"],
    ["the database", database, "Cluster nix-cache/attic-pg"],
    ["its namespace", namespace, "Namespace nix-cache"],
  ])("%s is found", (_, unprotected, title) => {
    const others = [bucket(), cacheKey, namespace, database].filter(({ urn }) => urn !== unprotected.urn);
    const { resource, field } = only(
      judge(irreplaceableProtected, [...others, { ...unprotected, protect: false }]),
    );
    expect([resource, field]).toEqual([title, "options.protect"]);
  });

  test.each([
    kubernetes({ kind: "PersistentVolumeClaim" }),
    resource("aws:rds/instance:Instance", "db", {}),
    resource("aws:rds/cluster:Cluster", "db", {}),
    resource("aws:kms/key:Key", "nars", {}),
  ])("$type is found, too", (unprotected) => {
    expect(only(judge(irreplaceableProtected, unprotected)).field).toBe("options.protect");
    expect(judge(irreplaceableProtected, { ...unprotected, protect: true }).findings).toEqual([]);
  });

  test("the tokens' key is let go of by name, where all else is protected", () => {
    const letGo = { ...key, protect: false };
    expect(judge(irreplaceableProtected, [namespace, letGo]).findings).toEqual([]);
    const { resource } = only(judge(irreplaceableProtected, [{ ...namespace, protect: false }, letGo]));
    expect(resource).toBe("PrivateKey signing-key");
  });

  test("a namespace that holds no data is fine, and so is what is easily made again", () => {
    const operators = kubernetes({ kind: "Namespace", metadata: { name: "traefik" } });
    expect(
      judge(irreplaceableProtected, [operators, database, kubernetes({ kind: "Service" })]).findings,
    ).toEqual([]);
  });
});

describe("what takes data along", () => {
  test("is a bucket that goes with its content", () => {
    expect(only(judge(noDestruction, bucket({ forceDestroy: true }))).field).toBe("forceDestroy");
  });

  test("is a database that goes before its replacement", () => {
    const { field } = only(judge(noDestruction, { ...database, deleteBeforeReplace: true }));
    expect(field).toBe("options.deleteBeforeReplace");
  });

  test("can be excepted with a reason", () => {
    const except = { "Bucket/nars": "a bucket for a demonstration" };
    expect(judge(noDestruction, bucket({ forceDestroy: true }), { except }).findings).toEqual([]);
  });
});
