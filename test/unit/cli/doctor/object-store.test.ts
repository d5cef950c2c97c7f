import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkObjectStore } from "../../../../cli/doctor/object-store.ts";
import { realOutside } from "../../../../cli/doctor/outside.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { type S3Server, s3Keys, s3Server } from "../../../support/s3-server.ts";
import { s3, stackConfig } from "../../../support/settings.ts";
import { fakeCluster } from "../cluster.ts";

let store: S3Server;
beforeEach(async () => {
  store = await s3Server(["nix-cache"]);
});
afterEach(() => store.close());

const mine = { AWS_ACCESS_KEY_ID: s3Keys.accessKeyId, AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey };

/** A cluster whose Secret has these keys, which the pods get. */
const clusterWith = (data: Record<string, string>) =>
  fakeCluster({
    objects: [
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "attic-secrets" },
        data: Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
        ),
      } as never,
    ],
  });

const credentials = { accessKeyId: "[secret]", secretAccessKey: "[secret]" };

const check = (
  env: NodeJS.ProcessEnv,
  { settings = {}, cluster }: { settings?: object; cluster?: ReturnType<typeof fakeCluster> } = {},
) => {
  const objectStore: Settings["objectStore"] = { ...s3({ endpoint: store.url, ...settings }) };
  return checkObjectStore(stackConfig({ objectStore }, ["objectStore"]), cluster, env, realOutside);
};

describe("a bucket", () => {
  test("takes, gives back and deletes a probe, and nothing is left there", async () => {
    expect(await check(mine)).toEqual([
      {
        check: "bucket nix-cache",
        state: "ok",
        said: "it takes, gives back and deletes an object, with your keys ($AWS_ACCESS_KEY_ID)",
      },
    ]);
    expect(store.seen.map((line) => line.replace(/[0-9a-f]{16}$/, "…"))).toEqual([
      "PUT /nix-cache/.atticctl-doctor/…",
      "GET /nix-cache/.atticctl-doctor/…",
      "DELETE /nix-cache/.atticctl-doctor/…",
    ]);
    expect(store.buckets.get("nix-cache")).toEqual(new Map());
  });

  test("is probed with the keys that the pods have, where they can be read", async () => {
    const keys = { AWS_ACCESS_KEY_ID: s3Keys.accessKeyId, AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey };
    const wrong = { AWS_ACCESS_KEY_ID: "mine", AWS_SECRET_ACCESS_KEY: "mine" };
    const [finding] = await check(wrong, { settings: { credentials }, cluster: clusterWith(keys) });
    expect(finding).toMatchObject({ state: "ok", said: expect.stringContaining("the pods' keys") });
  });

  test("is not seen without keys, and nothing is asked", async () => {
    expect(await check({})).toMatchObject([{ state: "unseen", said: "there are no keys to it here" }]);
    expect(store.seen).toEqual([]);
  });

  test("that is not there is wrong, unless the stack makes it", async () => {
    store.buckets.clear();
    expect(await check(mine)).toMatchObject([{ state: "failed", said: "there is no such bucket" }]);
    expect(await check(mine, { settings: { createBuckets: true } })).toMatchObject([
      { state: "unseen", said: "it is not there yet; the stack makes it" },
    ]);
  });

  test.each([
    ["PUT", "take"],
    ["GET", "give back"],
    ["DELETE", "delete"],
  ])("that denies the pods %s is wrong", async (method, verb) => {
    store.denied.push(`${method} nix-cache`);
    const keys = { AWS_ACCESS_KEY_ID: s3Keys.accessKeyId, AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey };
    const [finding] = await check({}, { settings: { credentials }, cluster: clusterWith(keys) });
    expect(finding).toMatchObject({
      state: "failed",
      said: `it does not ${verb} an object with the pods' keys (Secret attic-secrets) (AccessDenied)`,
    });
  });

  test("that denies this person says nothing about the pods", async () => {
    store.denied.push("PUT nix-cache");
    expect(await check(mine)).toMatchObject([
      { state: "unseen", said: expect.stringContaining("the pods have others") },
    ]);
  });

  test("loses the probe even when it does not give it back", async () => {
    store.denied.push("GET nix-cache");
    await check(mine);
    expect(store.buckets.get("nix-cache")?.size).toBe(0);
  });

  test("that gives back something else is wrong", async () => {
    store.garbles = true;
    expect(await check(mine)).toMatchObject([
      { state: "failed", said: "it gave back something else than it took" },
    ]);
  });

  test("in another region is wrong", async () => {
    const other = await s3Server(["nix-cache"], "us-east-1");
    try {
      const [finding] = await check(mine, { settings: { endpoint: other.url } });
      expect(finding).toMatchObject({ state: "failed", todo: "attic:objectStore.region says eu-central-1" });
    } finally {
      await other.close();
    }
  });

  test("at an endpoint that does not answer is wrong, with the reason", async () => {
    await store.close();
    const [finding] = await check(mine);
    expect(finding?.state).toBe("failed");
    expect(finding?.said).toMatch(/^127\.0\.0\.1:\d+ does not answer: connect ECONNREFUSED/);
    store = await s3Server([]);
  });

  test("never has its keys told", async () => {
    const wrong = { ...mine, AWS_SECRET_ACCESS_KEY: "another-secret-key" };
    const findings = await check(wrong);
    expect(findings).toMatchObject([{ state: "unseen" }]);
    expect(JSON.stringify(findings)).not.toMatch(/another-secret-key|a-secret-access-key/);
  });
});

describe("the bucket of the backups", () => {
  const podsKeys = {
    AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
  };
  const checkBoth = async (roleArn: string | undefined, env: NodeJS.ProcessEnv) => {
    store.buckets.set("backups", new Map());
    const config = stackConfig(
      {
        objectStore: s3({ endpoint: store.url, credentials }),
        database: {
          provider: "cloudNativePg",
          cloudNativePg: { backup: { bucket: "backups" }, ...(roleArn && { roleArn }) },
        },
      },
      ["objectStore"],
    );
    const findings = await checkObjectStore(config, clusterWith(podsKeys), env, realOutside);
    return Object.fromEntries(findings.map(({ check, ...rest }) => [check, rest]));
  };
  const roleArn = "arn:aws:iam::123456789012:role/attic-pg";

  test("is probed with the pods' keys, where the database has those", async () => {
    expect((await checkBoth(undefined, {}))["bucket backups"]).toMatchObject({
      state: "ok",
      said: expect.stringContaining("the pods' keys"),
    });
  });

  test("is probed with this person's, where the database has a role", async () => {
    const findings = await checkBoth(roleArn, mine);
    expect(findings["bucket backups"]).toMatchObject({
      state: "ok",
      said: expect.stringContaining("your keys"),
    });
    expect(findings["bucket nix-cache"]).toMatchObject({ said: expect.stringContaining("the pods' keys") });
  });

  test("is not asked with keys that the database does not use", async () => {
    expect((await checkBoth(roleArn, {}))["bucket backups"]).toMatchObject({
      state: "unseen",
      said: "there are no keys to it here",
    });
    expect(store.seen.filter((line) => line.includes("/backups/"))).toEqual([]);
  });
});
