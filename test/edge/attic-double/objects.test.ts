import { createPublicKey, randomBytes, verify } from "node:crypto";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nixKeys } from "../../support/nix-keys.ts";
import { ask, chunkFiles, download, infoOf, makeCache, newPath, root, tokenFor, upload } from "./client.ts";
import { eventually } from "./eventually.ts";
import { missing, type Postgres, startPostgres } from "./postgres.ts";
import { migratedDatabase, type Server, startServer, type Table } from "./server.ts";

const small = () => randomBytes(1000);
const large = () => randomBytes(1_500_000);
const files = ({ folder }: Server) => chunkFiles(join(folder, "store"));
const badRequest = (message: string) => ({
  status: 400,
  json: { code: 400, error: "RequestError", message: `General request error: ${message}` },
});

describe.skipIf(missing)("objects", () => {
  let postgres: Postgres;
  let env: Record<string, string>;
  let server: Server;

  beforeAll(async () => {
    postgres = await startPostgres();
    env = await migratedDatabase(postgres, "objects");
    server = await startServer({ env });
    await makeCache(server, "main", { keypair: { Keypair: nixKeys("main").keyPair } });
    await makeCache(server, "open", { is_public: true });
  });
  afterAll(async () => {
    await postgres?.stop();
  });

  const other = (changes: Table) => startServer({ env, changes });
  const sql = (statement: string) => postgres.sql("objects", statement);
  const get = (path: string, token?: string, of = server) => ask(of, { path, token });
  /** Nobody holds anything any more; the real server lets go a moment after its answer. */
  const nothingHeld = () =>
    eventually(() =>
      sql(
        "SELECT (SELECT coalesce(sum(holders_count), 0) FROM nar) || '/' || (SELECT coalesce(sum(holders_count), 0) FROM chunk)",
      ),
    ).toEqual(["0/0"]);

  describe("that are uploaded", () => {
    test.each([
      ["small", false, small],
      ["small", true, small],
      ["large", false, large],
      ["large", true, large],
      ["empty", false, () => Buffer.alloc(0)],
    ])("come back as they were: %s, described in the body: %s", async (size, inBody, content) => {
      const path = newPath(content());
      const before = new Set(files(server));
      const { status, json } = await upload(server, infoOf("main", path), path.nar, { inBody });
      const made = files(server).filter((name) => !before.has(name));
      expect(status).toBe(200);
      expect(json).toEqual({
        kind: "Uploaded",
        file_size: made.reduce((sum, name) => sum + statSync(name).size, 0),
        frac_deduplicated: size === "large" ? 0 : null,
      });
      expect(await download(server, "main", path)).toEqual(path.nar);
      await nothingHeld();
    });

    test("are chunked from the configured size on, between the configured sizes", async () => {
      const path = newPath(large());
      await upload(server, infoOf("main", path), path.nar);
      const sizes = (await chunksOf(path.narHash)).map(Number);
      expect(sizes.length).toBeGreaterThan(5);
      expect(sizes.reduce((a, b) => a + b)).toBe(path.nar.length);
      for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(16384);
      for (const size of sizes) expect(size).toBeLessThanOrEqual(262144);
    });

    const chunksOf = (narHash: string) =>
      sql(`SELECT c.chunk_size FROM nar n JOIN chunkref r ON r.nar_id = n.id JOIN chunk c ON c.id = r.chunk_id
           WHERE n.nar_hash = '${narHash}' ORDER BY r.seq`);

    test("share the chunks that they have in common, though these are not where they were", async () => {
      const [one, rest] = [newPath(large()), randomBytes(5000)];
      await upload(server, infoOf("main", one), one.nar);
      const before = files(server).length;
      const two = newPath(Buffer.concat([rest, one.nar]));
      const { json } = await upload(server, infoOf("main", two), two.nar);
      expect(json.frac_deduplicated).toBeGreaterThan(0.5);
      expect(files(server).length - before).toBeLessThan(8);
      expect(await download(server, "main", two)).toEqual(two.nar);
      await nothingHeld();
    });

    test("are one NAR when their NARs are the same", async () => {
      const one = newPath(large());
      await upload(server, infoOf("main", one), one.nar);
      const before = files(server).length;
      const two = { ...newPath(one.nar), nar: one.nar };
      const { json } = await upload(server, infoOf("open", two), two.nar);
      expect(json).toEqual({ kind: "Deduplicated", frac_deduplicated: null });
      expect(files(server)).toHaveLength(before);
      expect(await download(server, "open", two)).toEqual(one.nar);
      await nothingHeld();
    });

    test("have to be had by who says that they are there already", async () => {
      const one = newPath(large());
      await upload(server, infoOf("main", one), one.nar);
      const two = newPath(one.nar);
      const claimed = infoOf("open", two);
      expect(await upload(server, claimed, Buffer.alloc(0))).toMatchObject(
        badRequest("Bad NAR Hash or Size"),
      );
      expect(await upload(server, claimed, randomBytes(one.nar.length))).toMatchObject(
        badRequest("Bad NAR Hash or Size"),
      );
      expect(await upload(server, { ...claimed, nar_size: 5 }, one.nar)).toMatchObject(
        badRequest("Bad NAR Hash or Size"),
      );
      expect((await get(`/open/${two.hash}.narinfo`)).status).toBe(404);
      const trusting = await other({ "require-proof-of-possession": false });
      expect((await upload(trusting, claimed, Buffer.alloc(0))).json).toMatchObject({ kind: "Deduplicated" });
      await nothingHeld();
    });

    test.each([
      ["small", small, "Bad chunk hash or size"],
      ["large", large, "Bad NAR Hash or Size"],
    ])("leave nothing behind when they are not what was said: %s", async (_, content, message) => {
      const path = newPath(content());
      const wrong = { nar_hash: `sha256:${"0".repeat(64)}` };
      const [before, nars] = [files(server), await sql("SELECT count(*) FROM nar")];
      expect(await upload(server, infoOf("main", path, wrong), path.nar)).toMatchObject(badRequest(message));
      expect(
        await upload(server, infoOf("main", path, { nar_size: path.nar.length + 1 }), path.nar),
      ).toMatchObject(badRequest(message));
      await nothingHeld();
      await eventually(() => sql("SELECT count(*) FROM nar")).toEqual(nars);
      expect((await get(`/main/${path.hash}.narinfo`, root)).status).toBe(404);
      // Chunks of their own are right, and stay until they are collected.
      if (content === small) expect(files(server)).toEqual(before);
    });

    test("take the place of what was there by the same hash", async () => {
      const [one, two] = [newPath(small()), newPath(small())];
      await upload(server, infoOf("main", one), one.nar);
      await upload(server, { ...infoOf("main", two), store_path_hash: one.hash }, two.nar);
      expect(await download(server, "main", one)).toEqual(two.nar);
    });

    test("are noted with who uploaded them", async () => {
      const path = newPath(small());
      await upload(server, infoOf("main", path), path.nar, {
        token: tokenFor({ main: { w: 1 } }, { sub: "ci" }),
      });
      expect(
        await sql(`SELECT created_by, last_accessed_at FROM object WHERE store_path_hash = '${path.hash}'`),
      ).toEqual(["ci|"]);
    });

    test("ask for the permission to push", async () => {
      const path = newPath(small());
      const status = async (cache: string, token: string) =>
        (await upload(server, infoOf(cache, path), path.nar, { token })).status;
      expect(await status("main", "none")).toBe(401);
      expect(await status("open", "none")).toBe(403);
      expect(await status("main", tokenFor({ main: { r: 1 } }))).toBe(403);
      expect(await status("none", root)).toBe(404);
      expect(await status("none", tokenFor({ main: { w: 1 } }))).toBe(401);
    });

    test.each<[string, object]>([
      ["no cache", { cache: undefined }],
      ["a bad name of a cache", { cache: "-" }],
      ["a hash of a path that is none", { store_path_hash: "e".repeat(32) }],
      ["a short hash of a path", { store_path_hash: "a" }],
      ["no references", { references: undefined }],
      ["null for references", { references: null }],
      ["no signatures", { sigs: undefined }],
      ["a number for what derives it", { deriver: 1 }],
      ["a hash of another kind", { nar_hash: `sha512:${"0".repeat(128)}` }],
      ["a hash that is too short", { nar_hash: "sha256:00" }],
      ["a size below 0", { nar_size: -1 }],
      ["a size that is a text", { nar_size: "1" }],
    ])("are refused with %s", async (_, changes) => {
      const path = newPath(small());
      const { status, json } = await upload(server, infoOf("main", path, changes), path.nar);
      expect({ status, error: json.error }).toEqual({ status: 400, error: "RequestError" });
    });

    test("are refused when nothing, too much or too little is said of them", async () => {
      const put = (headers: Record<string, string>, body = "x") =>
        ask(server, { method: "PUT", path: "/_api/v1/upload-path", token: root, headers, body });
      const size = "x-attic-nar-info-preamble-size";
      expect(await put({})).toMatchObject(badRequest("X-Attic-Nar-Info must be set"));
      expect(await put({ [size]: "5" })).toMatchObject(
        badRequest("Upload info doesn't match specified size"),
      );
      expect((await put({ [size]: "x" })).json.message).toMatch(/must be a valid unsigned integer$/);
      expect((await put({ [size]: "-1" })).status).toBe(400);
      expect(await put({ [size]: String(2 ** 20 + 1) })).toMatchObject(
        badRequest("Upload info is too large"),
      );
      expect((await put({ "x-attic-nar-info": "{" })).status).toBe(400);
    });

    test("may leave out what they do not have", async () => {
      const path = newPath(small());
      const info = infoOf("main", path, { system: undefined, deriver: undefined, ca: undefined });
      expect((await upload(server, info, path.nar)).status).toBe(200);
    });

    test("may be described by a hash in base 32", async () => {
      const path = newPath(small());
      const info = infoOf("main", path, { nar_hash: base32(path.narHash) });
      expect((await upload(server, info, path.nar)).status).toBe(200);
    });

    test("at the same time are both kept", async () => {
      const path = newPath(large());
      const two = await other({ storage: { type: "local", path: join(server.folder, "store") } });
      const [a, b] = await Promise.all([
        upload(server, infoOf("main", path), path.nar),
        upload(two, infoOf("open", path), path.nar),
      ]);
      expect([a.status, b.status]).toEqual([200, 200]);
      expect(await download(two, "main", path)).toEqual(path.nar);
      expect(await download(server, "open", path)).toEqual(path.nar);
      await nothingHeld();
    });
  });

  const base32 = (typed: string) => {
    const [bytes, alphabet] = [Buffer.from(typed.slice(7), "hex"), "0123456789abcdfghijklmnpqrsvwxyz"];
    let number = BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
    let text = "";
    for (let place = 0; place < 52; place++, number >>= 5n) text = alphabet[Number(number & 31n)] + text;
    return `sha256:${text}`;
  };

  describe("that are asked for", () => {
    test("are described to Nix, and signed with the cache's key", async () => {
      const path = newPath(small());
      const references = [`${path.hash}-thing`, `${"a".repeat(32)}-glibc`];
      const info = infoOf("main", path, {
        references,
        deriver: "x.drv",
        ca: "text:sha256:0",
        sigs: ["other:x"],
        system: "x",
      });
      await upload(server, info, path.nar);
      const { status, headers, text } = await get(`/main/${path.hash}.narinfo`, root);
      expect(status).toBe(200);
      expect(headers["content-type"]).toBe("text/x-nix-narinfo");
      const [keyName, public64 = ""] = nixKeys("main").publicKey.split(":");
      const signature = /^Sig: [^:]+:(.*)$/m.exec(text)?.[1] ?? "";
      expect(text).toBe(
        [
          `StorePath: ${path.path}`,
          `URL: nar/${path.hash}.nar`,
          "Compression: zstd",
          `NarHash: ${path.narHash}`,
          "NarSize: 1000",
          `References: ${references.join(" ")}`,
          "Deriver: x.drv",
          `Sig: ${keyName}:${signature}`,
          "CA: text:sha256:0",
          "",
        ].join("\n"),
      );
      const full = references.map((name) => `/nix/store/${name}`).join(",");
      const fingerprint = `1;${path.path};${base32(path.narHash)};1000;${full}`;
      const der = Buffer.from("302a300506032b6570032100", "hex");
      const key = createPublicKey({
        key: Buffer.concat([der, Buffer.from(public64, "base64")]),
        format: "der",
        type: "spki",
      });
      expect(verify(null, Buffer.from(fingerprint), key, Buffer.from(signature, "base64"))).toBe(true);
    });

    test("are described without what they do not have", async () => {
      const path = newPath(small());
      await upload(server, infoOf("open", path), path.nar);
      const { text, headers } = await get(`/open/${path.hash}.narinfo`);
      expect(text.split("\n").map((line) => line.split(":")[0])).toEqual([
        "StorePath",
        "URL",
        "Compression",
        "NarHash",
        "NarSize",
        "References",
        "Sig",
        "",
      ]);
      expect(text).toContain("\nReferences: \n");
      expect(headers["x-attic-cache-visibility"]).toBe("public");
    });

    test("tell each what he may know, and that they are not there to anybody", async () => {
      const path = newPath(small());
      await upload(server, infoOf("main", path), path.nar);
      const none = newPath(small());
      for (const [file, extension] of [
        ["", "narinfo"],
        ["nar/", "nar"],
      ]) {
        const at = (cache: string, { hash }: { hash: string }) => `/${cache}/${file}${hash}.${extension}`;
        expect((await get(at("main", path))).json.error).toBe("Unauthorized");
        expect((await get(at("main", path), tokenFor({ main: { w: 1 } }))).json.error).toBe("AccessError");
        expect((await get(at("main", path), tokenFor({ main: { r: 1 } }))).status).toBe(200);
        for (const token of [undefined, root]) {
          expect((await get(at("main", none), token)).json).toEqual({
            code: 404,
            error: "NoSuchObject",
            message: "The requested object does not exist.",
          });
          expect((await get(at("none", path), token)).status).toBe(404);
        }
        expect((await get(at("main", { hash: "x" }))).json).toEqual({
          code: 500,
          error: "InvalidStorePathHash",
          message: "Error from the common components.",
        });
      }
    });

    test.each(["/main/x.ls", "/main/x", "/main/nar/x.nar.zst", "/main/nar/x", "/main/x.narinfo.sig"])(
      "are not at %s",
      async (path) => {
        expect((await get(path, root)).json.error).toBe("NotFound");
      },
    );

    test("are noted as asked for when their NAR is, and not when they are described", async () => {
      const path = newPath(small());
      await upload(server, infoOf("main", path), path.nar);
      const noted = () =>
        sql(`SELECT last_accessed_at IS NOT NULL FROM object WHERE store_path_hash = '${path.hash}'`);
      await get(`/main/${path.hash}.narinfo`, root);
      expect(await noted()).toEqual(["f"]);
      const { headers } = await get(`/main/nar/${path.hash}.nar`, root);
      expect(headers["content-type"]).toBe("application/x-nix-nar");
      expect(await noted()).toEqual(["t"]);
    });

    test("answer HEAD without their content", async () => {
      const path = newPath(large());
      await upload(server, infoOf("main", path), path.nar);
      for (const at of [`/main/${path.hash}.narinfo`, `/main/nar/${path.hash}.nar`]) {
        const { status, text } = await ask(server, { method: "HEAD", path: at, token: root });
        expect({ status, text }).toEqual({ status: 200, text: "" });
      }
    });

    test("begin with 200 and break off when their chunks' files are gone, and are an error when there is one", async () => {
      const withoutFiles = async (content: Buffer) => {
        const path = newPath(content);
        const before = new Set(files(server));
        await upload(server, infoOf("main", path), path.nar);
        for (const file of files(server).filter((name) => !before.has(name))) rmSync(file);
        return `/main/nar/${path.hash}.nar`;
      };
      expect((await get(await withoutFiles(small()), root)).json.error).toBe("InternalServerError");
      const begun = await fetch(`http://127.0.0.1:${server.port}${await withoutFiles(large())}`, {
        headers: { authorization: `Bearer ${root}` },
      });
      expect(begun.status).toBe(200);
      await expect(begun.arrayBuffer()).rejects.toThrow();
    });

    test("are incomplete when the database has lost a chunk", async () => {
      const path = newPath(large());
      await upload(server, infoOf("main", path), path.nar);
      await sql(`UPDATE chunkref SET chunk_id = NULL WHERE seq = 1 AND nar_id =
                 (SELECT id FROM nar WHERE nar_hash = '${path.narHash}')`);
      expect(await get(`/main/nar/${path.hash}.nar`, root)).toMatchObject({
        status: 503,
        json: { error: "IncompleteNar" },
      });
      const again = await upload(server, infoOf("main", path), path.nar);
      expect(again.json.kind).toBe("Uploaded");
      expect(await download(server, "main", path)).toEqual(path.nar);
    });

    test.each([
      ["none", "none", (bytes: Buffer) => bytes],
      ["brotli", "br", undefined],
      ["xz", "xz", undefined],
    ])("are compressed as configured: %s", async (type, name, unpack) => {
      const packing = await other({ compression: { type } });
      const path = newPath(large());
      await upload(packing, infoOf("main", path), path.nar);
      expect((await get(`/main/${path.hash}.narinfo`, root, packing)).text).toContain(
        `\nCompression: ${name}\n`,
      );
      const { bytes } = await get(`/main/nar/${path.hash}.nar`, root, packing);
      if (unpack) expect(unpack(bytes)).toEqual(path.nar);
      expect(bytes.length).toBeGreaterThan(path.nar.length / 2);
    });

    test.each([
      [0, 1],
      [1, 2],
    ])("are chunked as configured: threshold %i", async (threshold, least) => {
      const chunking = {
        "nar-size-threshold": threshold,
        "min-size": 1024,
        "avg-size": 2048,
        "max-size": 4096,
      };
      const cutting = await other({ chunking });
      const path = newPath(randomBytes(20_000));
      await upload(cutting, infoOf("main", path), path.nar);
      expect(files(cutting).length === 1).toBe(least === 1);
      expect(await download(cutting, "main", path)).toEqual(path.nar);
    });
  });

  test("that are missing are told to who may push", async () => {
    const [one, two] = [newPath(small()), newPath(small())];
    await upload(server, infoOf("main", one), one.nar);
    const missingIn = (cache: string, hashes: unknown, token = root) => {
      const body = { cache, store_path_hashes: hashes };
      return ask(server, { method: "POST", path: "/_api/v1/get-missing-paths", token, body });
    };
    expect((await missingIn("main", [one.hash, two.hash, two.hash])).json).toEqual({
      missing_paths: [two.hash],
    });
    expect((await missingIn("open", [one.hash])).json).toEqual({ missing_paths: [one.hash] });
    expect((await missingIn("main", [])).json).toEqual({ missing_paths: [] });
    expect((await missingIn("main", [one.hash], tokenFor({ main: { r: 1 } }))).status).toBe(403);
    expect((await missingIn("main", [one.hash], "none")).status).toBe(401);
    expect((await missingIn("none", [])).status).toBe(404);
    for (const hashes of [["x"], [1], "x", null]) expect((await missingIn("main", hashes)).status).toBe(422);
    expect((await missingIn("-", [])).status).toBe(422);
  });
});
