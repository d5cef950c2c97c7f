import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  atticImage,
  librariesIn,
  renamedIndex,
  renamedManifest,
  writeAtticImage,
} from "../../../../live/images/attic.ts";
import { writeImage } from "../../../../live/images/oci.ts";

const name = "ghcr.io/zhaofengli/attic:abc";

describe("what ldd says", () => {
  test("is read to paths of libraries and of the loader, each once", () => {
    const said = [
      "\tlinux-vdso.so.1 (0x00007fff)",
      "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f1)",
      "\tlibc.so.6 => /nix/store/x-glibc-2.40/lib/libc.so.6 (0x00007f2)",
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f3)",
      "\t/nix/store/x-glibc-2.40/lib/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (0x00007f3)",
    ];
    expect(librariesIn(said.join("\n")).toSorted()).toEqual([
      "/lib/x86_64-linux-gnu/libm.so.6",
      "/lib64/ld-linux-x86-64.so.2",
      "/nix/store/x-glibc-2.40/lib/libc.so.6",
    ]);
  });

  test("of a static program is nothing", () => {
    expect(librariesIn("\tstatically linked\n")).toEqual([]);
    expect(librariesIn("")).toEqual([]);
  });
});

describe("an archive of a person's own", () => {
  test("in the OCI layout goes by the name that pods ask for, and by no other", () => {
    const index = {
      schemaVersion: 2,
      manifests: [
        { digest: "a", annotations: { "org.opencontainers.image.ref.name": "x" } },
        { digest: "b" },
      ],
    };
    expect(JSON.parse(renamedIndex(JSON.stringify(index), name))).toEqual({
      schemaVersion: 2,
      manifests: [{ digest: "a", annotations: { "io.containerd.image.name": name } }],
    });
  });

  test("of Docker's kind does, too", () => {
    const list = [{ Config: "c", RepoTags: ["attic:x", "attic:y"], Layers: ["l"] }, { Config: "d" }];
    expect(JSON.parse(renamedManifest(JSON.stringify(list), name))).toEqual([
      { Config: "c", RepoTags: [name], Layers: ["l"] },
    ]);
  });

  test("without an image is refused", () => {
    expect(() => renamedIndex('{"manifests":[]}', name)).toThrow("no image");
    expect(() => renamedManifest("[]", name)).toThrow("no image");
  });
});

describe("the image", () => {
  const folder = mkdtempSync(join(tmpdir(), "attic-image-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const namesIn = (archive: string) => {
    const text = execFileSync("tar", [
      "--extract",
      "--to-stdout",
      `--file=${archive}`,
      "./index.json",
    ]).toString();
    const { manifests } = JSON.parse(text) as { manifests: { annotations: object }[] };
    return manifests.map(({ annotations }) => annotations);
  };

  test("of a program has all that the program is loaded with, so that it runs in it", async () => {
    const root = join(folder, "root");
    mkdirSync(root);
    // Any program with shared libraries will do.
    await (await atticImage(name, "/bin/ls")).fill(root);
    expect(statSync(join(root, "tmp")).mode & 0o7777).toBe(0o1777);
    const loader = librariesIn(execFileSync("ldd", ["/bin/ls"]).toString()).find((path) =>
      path.includes("/ld-"),
    );
    const libraries = join(root, "lib/x86_64-linux-gnu");
    const args = ["--inhibit-cache", "--library-path", libraries, "--list", join(root, "bin/atticd")];
    const said = execFileSync(join(root, loader as string), args).toString();
    for (const path of librariesIn(said).filter((each) => !each.includes("/ld-")))
      expect(path).toContain(root);
  });

  test("is another when the program is", async () => {
    expect((await atticImage(name, "/bin/ls")).from).not.toBe((await atticImage(name, "/bin/cat")).from);
    expect((await atticImage(name, "/bin/ls")).from).toBe((await atticImage(name, "/bin/ls")).from);
  });

  test("runs as nobody", async () => {
    expect((await atticImage(name, "/bin/ls")).config).toMatchObject({
      User: "65532:65532",
      Entrypoint: ["/bin/atticd"],
    });
  });

  test("of an archive is the same under the stack's name", async () => {
    const [own, out] = [join(folder, "own.tar"), join(folder, "out/image.tar")];
    const program = join(folder, "program");
    copyFileSync("/bin/true", program);
    await writeImage(own, await atticImage("localhost/own:1", program));
    const before = readFileSync(own);
    await writeAtticImage(out, name, { archive: own });
    expect(namesIn(out)).toEqual([{ "io.containerd.image.name": name }]);
    expect(readFileSync(own)).toEqual(before);
    const list = (archive: string) =>
      execFileSync("tar", ["--list", `--file=${archive}`])
        .toString()
        .split("\n")
        .toSorted();
    expect(list(out)).toEqual(list(own));
  });

  test("of a file that is no image is refused", async () => {
    const other = join(folder, "other.tar");
    execFileSync("tar", ["--create", `--file=${other}`, "-C", folder, "program"]);
    await expect(writeAtticImage(join(folder, "x.tar"), name, { archive: other })).rejects.toThrow(
      "no archive of an image",
    );
  });
});
