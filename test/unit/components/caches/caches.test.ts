import { describe, expect, test } from "vitest";
import { Caches } from "../../../../components/caches/index.ts";
import { nixKeyPair } from "../../../../components/caches/key-pair.ts";
import { secretMask, unknownMask } from "../../../../render/mask.ts";
import { type RecordedResource, type Recording, record } from "../../../../render/record.ts";
import { testKey } from "../../../support/keys.ts";
import { find, recordProgram } from "../../../support/record.ts";
import { raw, stackConfig } from "../../../support/settings.ts";

type Settings = NonNullable<Parameters<typeof stackConfig>[0]>;

/**
 * The component alone, its maps as outputs.
 * @param options.unmade a key that an update of other resources alone leaves out
 */
function recorded(
  settings: Settings,
  { preview = false, protect = false, unmade = "" } = {},
): Promise<Recording> {
  const program = async () => {
    const { addresses, keyPairs } = new Caches("caches", { config: stackConfig(settings), protect });
    return { addresses, keyPairs };
  };
  const answers = {
    state: (_: string, name: string, { algorithm }: Record<string, unknown>) =>
      name === unmade ? {} : { ...testKey(name, algorithm as string) },
  };
  return record(program, { stack: "test", config: raw({}), preview, ...(!preview && { answers }) });
}

const keysOf = ({ resources }: Recording): RecordedResource[] => resources.filter(({ custom }) => custom);

const two: Settings = { caches: { main: {}, "team+public": { public: true } } };
const expected = (cache: string) => nixKeyPair(cache, testKey(`cache-${cache}`).privateKeyPem);

describe("the declared caches", () => {
  test("have an Ed25519 key each, and nothing else", async () => {
    const keys = keysOf(await recorded(two));
    expect(keys.map(({ type, name, inputs }) => [type, name, inputs.algorithm])).toEqual([
      ["tls:index/privateKey:PrivateKey", "cache-main", "ED25519"],
      ["tls:index/privateKey:PrivateKey", "cache-team+public", "ED25519"],
    ]);
  });

  test.each([true, false])("have keys that Pulumi refuses to delete when told so: %s", async (protect) => {
    for (const preview of [true, false]) {
      const keys = keysOf(await recorded(two, { preview, protect }));
      expect(keys.map((key) => key.protect)).toEqual([protect, protect]);
    }
  });

  test("are told to clients in plain text: where they are, and what to trust", async () => {
    const { outputs } = await recorded(two);
    expect(outputs.addresses).toEqual({
      main: { url: "https://nix-cache.example.com/main", publicKey: expected("main").publicKey },
      "team+public": {
        url: "https://nix-cache.example.com/team+public",
        publicKey: expected("team+public").publicKey,
      },
    });
  });

  test("are found at the endpoint for downloads, where there is one", async () => {
    const { outputs } = await recorded({
      ...two,
      server: { substituterEndpoint: "https://cdn.example.com/nix/" },
    });
    expect(outputs.addresses).toMatchObject({ main: { url: "https://cdn.example.com/nix/main" } });
  });

  test("keep their key pairs secret", async () => {
    for (const preview of [true, false]) {
      const recording = await recorded(two, { preview });
      expect(recording.outputs.keyPairs).toEqual({ main: secretMask, "team+public": secretMask });
      const seed = expected("main").keyPair.split(":")[1] as string;
      expect(JSON.stringify(recording)).not.toContain(seed);
      expect(JSON.stringify(recording)).not.toContain("PRIVATE KEY");
    }
  });

  test("have public keys that are known after the first update, and not secret before", async () => {
    const { outputs } = await recorded(two, { preview: true });
    expect(outputs.addresses).toEqual({ main: unknownMask, "team+public": unknownMask });
  });
});

test("a cache whose key is left to a later update is not told, and the others are", async () => {
  const { outputs } = await recorded(two, { unmade: "cache-team+public" });
  expect(outputs.addresses).toStrictEqual({
    main: { url: "https://nix-cache.example.com/main", publicKey: expected("main").publicKey },
  });
});

test("without caches there is no key and nothing to tell", async () => {
  for (const preview of [true, false]) {
    const recording = await recorded({}, { preview });
    expect(keysOf(recording)).toEqual([]);
    expect(recording.outputs).toEqual({ addresses: {}, keyPairs: {} });
  }
});

describe("the whole program", () => {
  test("protects the keys with everything else that cannot be made again", async () => {
    for (const deletionProtection of [true, false]) {
      const key = find(await recordProgram({ ...two, deletionProtection }), "PrivateKey", "cache-main");
      expect(key.protect).toBe(deletionProtection);
    }
  });

  test("tells addresses and key pairs as its outputs, by the caches' names", async () => {
    const { outputs } = await recordProgram(two);
    expect(outputs.caches).toMatchObject({ main: { publicKey: expected("main").publicKey } });
    expect(outputs.cacheKeyPairs).toEqual({ main: secretMask, "team+public": secretMask });
  });

  test("makes a new cache's key without touching the others'", async () => {
    const before = keysOf(await recordProgram({ caches: { main: {} } }));
    const after = keysOf(await recordProgram({ caches: { another: {}, main: {} } }));
    const added = after.filter(({ urn }) => !before.some((other) => other.urn === urn));
    expect(added.map(({ name }) => name)).toEqual(["cache-another"]);
  });
});
