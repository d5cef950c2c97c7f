import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StackConfig } from "../../../../config/index.ts";
import { withSettings } from "../../../../embedded/engine/stack-file.ts";
import { domain, groundAddress, outsideAddress } from "../../../../live/addresses.ts";
import { authorityName } from "../../../../live/platform/cert-manager/index.ts";
import { objectStoreEndpoint, objectStoreRegion } from "../../../../live/platform/object-store/index.ts";
import { liveConfig, projectValues, stackFileHere } from "../../../../live/stack/settings.ts";

const keys = { accessKeyId: "id-of-the-key", secretAccessKey: "the-key-itself" };
const values = projectValues(
  { attic: `localhost/attic-double:${"a".repeat(40)}`, postgresql: "localhost/postgresql:15.20" },
  keys,
);

describe("the file of stack live", () => {
  const folder = mkdtempSync(join(tmpdir(), "attic-settings-"));
  let config: StackConfig;
  beforeAll(() => {
    const encrypted = Object.fromEntries(Object.keys(values.secrets).map((key) => [key, { secure: "v1:…" }]));
    writeFileSync(
      join(folder, "Pulumi.live.yaml"),
      withSettings(withSettings(stackFileHere(), values.settings), encrypted),
    );
    config = liveConfig(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is valid, once images and keys are in it", () => {
    expect(config.image).toBe(values.settings["attic:image"]);
    expect(config.database.cloudNativePg.image).toBe("localhost/postgresql:15.20");
  });

  test("is not complete without them: it says so itself where they will be", () => {
    writeFileSync(join(folder, "Pulumi.live.yaml"), stackFileHere());
    expect(() => liveConfig(folder)).toThrow("has no way into its bucket");
  });

  test("asks for what there is: the object store, the authority, a name that the ingress has", () => {
    expect(config.objectStore.s3.endpoint).toBe(objectStoreEndpoint);
    expect(config.objectStore.region).toBe(objectStoreRegion);
    expect(config.ingress.issuer).toMatchObject({ kind: "ClusterIssuer", name: authorityName });
    expect(config.hostname.endsWith(`.${domain}`)).toBe(true);
  });

  test("opens the network to what runs beside the nodes, each to whom it is for, and to nothing else outside", () => {
    const { dns, apiServer, objectStore } = config.network;
    expect(dns.addresses).toEqual([`${groundAddress}/32`]);
    expect(apiServer).toEqual([`${groundAddress}/32`]);
    expect(objectStore).toEqual([`${outsideAddress}/32`]);
  });

  test("holds no key in plain text", () => {
    expect(Object.keys(values.secrets)).toEqual([
      "attic:objectStore.s3.credentials.accessKeyId",
      "attic:objectStore.s3.credentials.secretAccessKey",
    ]);
    expect(JSON.stringify(values.settings)).not.toContain(keys.accessKeyId);
    expect(stackFileHere()).not.toMatch(/accessKeyId|secretAccessKey|secure/);
  });
});
