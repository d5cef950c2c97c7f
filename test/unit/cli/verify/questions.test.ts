import { describe, expect, test } from "vitest";
import type { Deployed } from "../../../../cli/deployed.ts";
import { questions } from "../../../../cli/verify/questions.ts";
import type { Grants } from "../../../../components/tokens/claims.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { stackConfig } from "../../../support/settings.ts";

type Caches = NonNullable<Settings["caches"]>;

const asked = (caches: Caches, tokens: Record<string, { kind?: string; caches: Grants }>) =>
  questions(
    stackConfig({ caches }),
    Object.fromEntries(
      Object.entries(tokens).map(([name, token]) => [name, { kind: "ci", ...token }]),
    ) as unknown as Deployed["tokens"],
  );

describe("who reads", () => {
  test("is a token that may pull from a private cache", () => {
    const tokens = {
      pusher: { caches: { main: ["push"] } },
      reader: { caches: { main: ["pull"] } },
    } as const;
    expect(asked({ public: { public: true }, main: {} }, tokens).reading).toEqual({
      cache: "main",
      token: "reader",
    });
  });

  test("is a person's token only where there is no other", () => {
    const tokens = {
      admin: { kind: "root", caches: { "*": ["pull"] } },
      ci: { caches: { main: ["pull"] } },
    } as const;
    expect(asked({ main: {} }, tokens).reading?.token).toBe("ci");
    expect(asked({ main: {} }, { admin: tokens.admin }).reading?.token).toBe("admin");
  });

  test("is found as the server decides: an exact name counts before a pattern", () => {
    expect(
      asked({ main: {} }, { ci: { caches: { "*": ["pull"], main: ["push"] } } }).reading,
    ).toBeUndefined();
  });

  test("is anybody, at a public cache, where no token may pull from a private one", () => {
    expect(asked({ main: {}, open: { public: true } }, {}).reading).toEqual({ cache: "open" });
  });

  test("is nobody without caches", () => {
    expect(asked({}, { ci: { caches: { "*": ["pull"] } } })).toEqual({
      tokens: [{ token: "ci", cache: "x" }],
    });
  });
});

describe("who must be refused", () => {
  test("is asked for at a private cache, and not at a public one", () => {
    expect(asked({ open: { public: true }, main: {} }, {}).private).toBe("main");
    expect(asked({ open: { public: true } }, {})).not.toHaveProperty("private");
  });
});

describe("every token is sent", () => {
  test.each([
    ["to a private cache that it names", { main: ["push"] }, "main"],
    ["to a private cache that its pattern means", { "ma*": ["pull"] }, "main"],
    [
      "to a cache that does not exist, rather than to a public one",
      { open: ["pull"], "dev-*": ["pull"] },
      "dev-x",
    ],
    ["to a public one, if it names no other", { open: ["pull"] }, "open"],
  ] as [string, Grants, string][])("%s", (_, caches, cache) => {
    expect(asked({ open: { public: true }, main: {} }, { ci: { caches } }).tokens).toEqual([
      { token: "ci", cache },
    ]);
  });
});
