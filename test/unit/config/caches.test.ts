import { describe, expect, test } from "vitest";
import { stackConfig } from "../../support/settings.ts";

type Caches = NonNullable<Parameters<typeof stackConfig>[0]>["caches"];

/** What a person is told of a mistake; undefined when there is none. */
function refusal(caches: unknown): string | undefined {
  try {
    stackConfig({ caches: caches as Caches });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("declared caches", () => {
  test("are private, ask after cache.nixos.org and follow the stack's retention, unless told otherwise", () => {
    expect(stackConfig({ caches: { main: {} } }).caches).toEqual({
      main: { public: false, priority: 41, upstreamKeys: ["cache.nixos.org-1"], storeDir: "/nix/store" },
    });
  });

  test("are none unless there are some", () => {
    expect(stackConfig().caches).toEqual({});
  });

  test.each(["main", "Main", "0", "a-b_c+d", "constructor", "a".repeat(50)])("may be called %s", (name) => {
    expect(Object.keys(stackConfig({ caches: { [name]: {} } }).caches)).toEqual([name]);
  });

  test.each([
    ["a pattern", "dev-*"],
    ["a sign in front", "-main"],
    ["an underscore in front, which is where the server's own paths are", "_api"],
    ["a dot", "my.cache"],
    ["a slash", "team/main"],
    ["a space", "my cache"],
    ["another alphabet", "cäche"],
    ["51 characters", "a".repeat(51)],
  ])("may not be called by %s", (_, name) => {
    const message = refusal({ [name]: {} });
    expect(message).toContain(`attic:caches.${name}\n`);
    expect(message).toContain(
      "must be a cache's name: letters, digits, - _ and +, beginning with a letter or digit, 50 characters at most",
    );
  });

  test("with mistakes are told one by one, each with its path", () => {
    const message = refusal({
      main: { publik: true },
      dev: { priority: -1, retention: 30 },
      "a b": {},
      other: { storeDir: "nix/store", upstreamKeys: [""] },
    });
    expect(message).toContain("Pulumi.test.yaml: 6 mistakes in the configuration");
    expect(message).toMatch(/attic:caches\.main\.publik\n.*\n.*did you mean public\?/);
    expect(message).toMatch(/attic:caches\.dev\.priority\n.*-1\n +must be at least 0/);
    expect(message).toMatch(
      /attic:caches\.dev\.retention\n.*30\n +must be a span from a day to about 68 years, such as "90 days"/,
    );
    expect(message).toContain("attic:caches.a b\n");
    expect(message).toMatch(/attic:caches\.other\.storeDir\n.*\n +must be an absolute path/);
    expect(message).toContain("attic:caches.other.upstreamKeys.0\n");
  });

  test.each(["forever", "90 days", "3 months", "1d 12h", "2weeks"])(
    "may keep objects for %s",
    (retention) => {
      expect(stackConfig({ caches: { main: { retention } } }).caches.main?.retention).toBe(retention);
    },
  );

  test.each(["", "90", "ever", "1.5 days", "-1 day", "3 fortnights"])(
    "may not keep objects for %j",
    (retention) => {
      expect(refusal({ main: { retention } })).toContain("attic:caches.main.retention");
    },
  );
});
