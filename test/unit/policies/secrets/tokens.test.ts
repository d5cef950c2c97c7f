import * as fc from "fast-check";
import jsonwebtoken from "jsonwebtoken";
import { describe, expect, test } from "vitest";
import { STACK_TYPE } from "../../../../policies/framework/subject.ts";
import { tokensInOutputs, tokensInSecrets } from "../../../../policies/secrets/tokens.ts";
import { judge, kubernetes, only, resource } from "../support.ts";

const DAY = 86_400;

interface Says {
  sub?: string;
  days?: number | null;
  caches?: Record<string, string[]>;
}

/** A token of Attic that says so. */
function token({ sub = "ci/gitlab-main", days = 90, caches = { main: ["r", "w"] } }: Says = {}): string {
  const grants = Object.entries(caches).map(([cache, given]) => [
    cache,
    Object.fromEntries(given.map((permission) => [permission, 1])),
  ]);
  const claims = {
    sub,
    iat: 1_800_000_000,
    nbf: 1_800_000_000,
    ...(days !== null && { exp: 1_800_000_000 + days * DAY }),
    "https://jwt.attic.rs/v1": { caches: Object.fromEntries(grants) },
  };
  return jsonwebtoken.sign(claims, "key", { algorithm: "HS256" });
}

const secret = (stringData: Record<string, string>) => kubernetes({ kind: "Secret", stringData });
const published = (says: Says, kind = says.sub?.split("/")[0] ?? "ci") =>
  secret({ token: JSON.stringify({ kind, secret: token(says) }) });

describe("a token in a Secret", () => {
  test.each<[string, Says]>([
    [
      "of a pipeline",
      { sub: "ci/a", caches: { main: ["r", "w"], "dev-*": ["r", "w"], "*": ["r"], "**": ["r"] } },
    ],
    ["that only pulls", { sub: "readOnly/a", caches: { "*": ["r"] } }],
    [
      "of a service",
      { sub: "service/a", days: 365, caches: { main: ["r", "w", "d", "cc", "cr", "cq"], "*": ["r"] } },
    ],
    ["that is shorter-lived than it may be", { days: 1 }],
  ])("%s", (_, says) => {
    expect(judge(tokensInSecrets, published(says))).toEqual({ findings: [], open: [], unusedExceptions: [] });
  });

  test.each<[string, Says, string]>([
    ["a pipeline's, that deletes", { caches: { main: ["r", "d"] } }, 'ci/gitlab-main allows "d" on main'],
    [
      "a pipeline's, that pushes everywhere by more stars than one",
      { caches: { "*": ["r"], "**": ["w"] } },
      'allows "w" on **',
    ],
    ["a pipeline's, that pushes everywhere", { caches: { "*": ["r", "w"] } }, 'allows "w" on *'],
    [
      "a read-only one that pushes",
      { sub: "readOnly/dev", caches: { main: ["r", "w"] } },
      'readOnly/dev allows "w"',
    ],
    [
      "a service's, that destroys caches",
      { sub: "service/a", caches: { main: ["cd"] } },
      'allows "cd" on main',
    ],
    ["a service's, that pushes everywhere", { sub: "service/a", caches: { "*": ["w"] } }, 'allows "w" on *'],
    [
      "one valid for a day too long",
      { days: 91 },
      "is valid for 91 days; a token of its kind for 90 at most",
    ],
    ["a service's, valid for two years", { sub: "service/a", days: 730 }, "is valid for 730 days"],
    ["one without an end", { days: null }, "never ends"],
    ["one without a kind", { sub: "alice" }, 'its subject is "alice"'],
    ["one of a kind that there is not", { sub: "admin/a" }, "a token without a kind"],
  ])("is found: %s", (_, says, problem) => {
    expect(only(judge(tokensInSecrets, published(says))).problem).toContain(problem);
  });

  test("is found in base64, and beside another one", () => {
    const data = { a: Buffer.from(`${token()} ${token({ days: 91 })}`).toString("base64") };
    expect(only(judge(tokensInSecrets, kubernetes({ kind: "Secret", data }))).field).toBe("data.a");
  });

  test("must be what the Secret calls it", () => {
    const { problem } = only(judge(tokensInSecrets, published({ sub: "ci/a" }, "readOnly")));
    expect(problem).toBe("the Secret calls it readOnly, the token itself ci/a");
  });

  test("must not be root, unless the stack wants it so", () => {
    const root = published({
      sub: "root/admin",
      days: 180,
      caches: { "*": ["r", "w", "d", "cc", "cr", "cq", "cd"] },
    });
    expect(only(judge(tokensInSecrets, root)).problem).toContain("root of the cache");
    expect(judge(tokensInSecrets, root, { rootInCluster: true }).findings).toEqual([]);
  });

  test("is shorter-lived where the stack says so", () => {
    expect(judge(tokensInSecrets, published({ days: 30 }), { ciDays: 30 }).findings).toEqual([]);
    expect(judge(tokensInSecrets, published({ days: 31 }), { ciDays: 30 }).findings).toHaveLength(1);
  });

  test("of somebody else is nobody's business here, nor is what looks like one", () => {
    const others = {
      a: jsonwebtoken.sign({ sub: "x" }, "key"),
      b: "eyJhbGciOiJIUzI1NiJ9.eyJub3QtanNvbg.c2ln",
    };
    expect(judge(tokensInSecrets, secret(others)).findings).toEqual([]);
  });

  test("is never shown, whatever is wrong about it", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 4000 }), (sub, days) => {
        const jwt = token({ sub, days, caches: { "*": ["cd"] } });
        const told = JSON.stringify(judge(tokensInSecrets, secret({ a: jwt })));
        expect(told).not.toContain(jwt.split(".")[2]);
      }),
    );
  });
});

describe("a token among the outputs", () => {
  const outputs = (says: Says) => resource(STACK_TYPE, "s", { tokens: { a: { secret: token(says) } } });

  test("may be root, as nobody but the stack's owner sees it", () => {
    expect(
      judge(tokensInOutputs, outputs({ sub: "root/admin", days: 180, caches: { "*": ["cd"] } })).findings,
    ).toEqual([]);
  });

  test("is held to its kind all the same", () => {
    const { field, problem } = only(judge(tokensInOutputs, outputs({ sub: "root/admin", days: 181 })));
    expect([field, problem]).toEqual([
      "outputs.tokens.a.secret",
      "root/admin is valid for 181 days; a token of its kind for 180 at most",
    ]);
  });
});
