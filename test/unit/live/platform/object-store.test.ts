import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { livePaths } from "../../../../live/paths.ts";
import { objectStoreKeys } from "../../../../live/platform/object-store/keys.ts";

describe("the keys of the object store", () => {
  const roots: string[] = [];
  const newPaths = () => {
    const root = mkdtempSync(join(tmpdir(), "attic-keys-"));
    roots.push(root);
    return livePaths(root);
  };
  afterEach(() => {
    for (const root of roots.splice(0)) rmSync(root, { recursive: true });
  });

  test("are the same for as long as what it holds", async () => {
    const paths = newPaths();
    expect(await objectStoreKeys(paths)).toEqual(await objectStoreKeys(paths));
  });

  test("are others for another root", async () => {
    const [one, other] = [await objectStoreKeys(newPaths()), await objectStoreKeys(newPaths())];
    expect(one.accessKeyId).not.toBe(other.accessKeyId);
    expect(one.secretAccessKey).not.toBe(other.secretAccessKey);
  });

  test("are for nobody else to read", async () => {
    const paths = newPaths();
    await objectStoreKeys(paths);
    const mode = (name: string) => statSync(join(paths.root, "object-store", name)).mode & 0o777;
    expect(mode("keys.json")).toBe(0o600);
    expect(mode(".")).toBe(0o700);
  });
});
