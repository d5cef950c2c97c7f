import { describe, expect, test } from "vitest";
import { calendar } from "../../../components/tokens/calendar.ts";
import { mint } from "../../../components/tokens/mint.ts";
import { testKey } from "../../support/keys.ts";
import { nixKeys } from "../../support/nix-keys.ts";
import { secretsIn } from "../../support/secrets.ts";
import { stackConfig } from "../../support/settings.ts";

const now = new Date("2026-11-21T08:00:00Z");

/** As Pulumi's state has a secret: JSON in JSON. */
const stateOf = (value: unknown) => JSON.stringify({ plaintext: JSON.stringify(value) });

describe("the secrets of a state", async () => {
  const key = testKey("secrets");
  const config = stackConfig({ tokens: { ci: { images: { caches: { main: ["pull", "push"] } } } } });
  const entries = calendar(config, now, { key: now.toISOString(), roots: {} });
  const [token] = await mint(config, entries, key.privateKeyPem);
  const secret = token?.secret as string;

  test("are found in what a job prints of a token: the whole, or its signature", () => {
    const secrets = secretsIn(stateOf({ "images.json": `${JSON.stringify(token)}\n` }));
    const seen = (text: string) => secrets.some((each) => text.includes(each));
    expect(seen(`curl -H 'Authorization: Bearer ${secret}'`)).toBe(true);
    expect(seen(secret.split(".")[2] as string)).toBe(true);
  });

  test("are not what anybody may see of a token: whose it is, and what it allows", () => {
    const [header, payload] = secret.split(".");
    for (const each of secretsIn(stateOf(token))) expect(`${header}.${payload}`).not.toContain(each);
  });

  test("are the tokens before them, too", () => {
    const previous = `${secret.slice(0, -50)}${"A".repeat(50)}`.replace(/\.[^.]*$/, `.${"B".repeat(342)}`);
    expect(secretsIn(stateOf({ secret, previous: { secret: previous } }))).toEqual([
      secret.split(".")[2]?.slice(0, 40),
      "B".repeat(40),
    ]);
  });

  test("are private keys, and those of caches, and no public ones", () => {
    const cache = nixKeys("main");
    const secrets = secretsIn(stateOf({ key, cache }));
    expect(secrets.some((each) => key.privateKeyPem.includes(each))).toBe(true);
    expect(secrets.some((each) => cache.keyPair.includes(each))).toBe(true);
    expect(secrets.filter((each) => `${key.publicKeyPem}${cache.publicKey}`.includes(each))).toEqual([]);
  });

  test("are none where there is none, and each once", () => {
    expect(secretsIn(stateOf({ token: "[secret]", image: `sha512:${"a".repeat(128)}` }))).toEqual([]);
    expect(secretsIn(stateOf([secret, secret]))).toHaveLength(1);
  });
});
