/**
 * Tokens are revoked, made anew and voided while clients push and pull. docs/leaked-token.md promises that a revoked one
 * is refused by the ingress within seconds of its deployment, that its successor is there by then and that nobody else
 * notices; docs/rotation.md, that a new one is taken beside the one before. A new signing key is the one change that is
 * meant to be noticed: by whom and for how long, is measured.
 */
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROJECT_DIR } from "../../../embedded/local/paths.ts";
import { apiPodNames, replaced } from "../../support/live/api-pods.ts";
import { type Asker, startAsking } from "../../support/live/asking/index.ts";
import { record } from "../../support/live/report.ts";
import { change, declared, deploy, stackText } from "../../support/live/stack-file.ts";
import { startTraffic, token } from "../../support/live/traffic/index.ts";
import { expectNothingNoticed, underTraffic } from "../../support/live/under-traffic.ts";
import { ctl, kubectl, output, until } from "../../support/live/world.ts";
import { missing } from "../missing.ts";
import { short } from "../short.ts";

const scenario = "3-tokens";
const cacheConfig = "/_api/v1/cache-config/main";
const generation = "attic:tokens.signingKey.generation";
const bearer = (text: string) => `Bearer ${text}`;
const password = (text: string) => `Basic ${Buffer.from(`any:${text}`).toString("base64")}`;

/** The token that a workload finds in the Secret that it mounts. */
async function mounted(name: string): Promise<string> {
  const data = await kubectl("get", "secret", "attic-ci-tokens", "-o", `jsonpath={.data.${name}}`);
  return (JSON.parse(Buffer.from(data, "base64").toString()) as { secret: string }).secret;
}

describe.skipIf(missing)("while clients push and pull, with tokens that are", () => {
  let before = "";
  let asker: Asker;
  const status = async (authorization?: string, path = cacheConfig) =>
    (await asker.ask({ path, authorization })).status;

  beforeAll(async () => {
    before = stackText();
    await ctl("verify", "--wait", "10m");
    asker = await startAsking();
  });

  afterAll(async () => {
    await asker?.end();
    // All but the key's generation, which only rises: to lower it would be a third key.
    const raised = declared(generation);
    const last = stackText();
    change(raised === undefined ? {} : { [generation]: raised }, before);
    if (stackText() !== last) await deploy();
    await ctl("verify", "--wait", "10m");
  });

  test("revoked: refused everything at the ingress, while the successor is taken and nobody else notices", async () => {
    const leaked = await token("ci");
    const pods = await apiPodNames();
    const may = ["--pull", "main", "--push", "main"];
    const others = (await ctl("tokens", "mint", "--sub", "traffic", "--validity", "1h", ...may)).trim();
    expect(await status(bearer(leaked))).toBe(200);

    const figures = await underTraffic(
      scenario,
      "a token revoked",
      async () => {
        await ctl("tokens", "revoke", "ci", "--reason", "printed by a job");
        const refused = until(
          "the revoked token is refused",
          300,
          async () => (await status(bearer(leaked))) === 401,
        );
        await deploy();
        const what = "a token revoked: from the beginning of the deployment to the first 401";
        record(scenario, { what, value: await refused, unit: "s" });
      },
      { tokens: { push: others, pull: await token("developers") } },
    );

    const answers = new Set<string>();
    for (const [method, path] of [
      ["GET", `/main/${"0".repeat(32)}.narinfo`],
      ["GET", `/main/nar/${"0".repeat(32)}.nar`],
      ["GET", "/main/nix-cache-info"],
      ["GET", "/public/nix-cache-info"],
      ["PUT", "/_api/v1/upload-path"],
      ["POST", "/_api/v1/get-missing-paths"],
      ["GET", cacheConfig],
      ["GET", "/"],
    ] as const) {
      for (const authorization of [bearer(leaked), password(leaked)]) {
        const { status, body } = await asker.ask({ method, path, authorization });
        answers.add(`${status} ${body.trim()}`);
      }
    }
    // The server's own refusal would be JSON.
    expect([...answers]).toEqual(["401 Unauthorized"]);
    const successor = (await ctl("tokens", "get", "ci")).trim();
    const traffic = await startTraffic({ tokens: { push: successor, pull: successor }, pushes: 2, pulls: 2 });
    await sleep(3000);
    expectNothingNoticed(await traffic.stop());
    expect(await apiPodNames()).toEqual(pods);
    expectNothingNoticed(figures);
  });

  test.skipIf(short)("made anew: a root token is taken at once, beside the one before", async () => {
    const old = await token("admin");
    change({ "attic:tokens.root.admin.generation": 2 });
    const figures = await underTraffic(scenario, "a root token made anew", deploy);
    const fresh = await token("admin");
    expect(fresh).not.toBe(old);
    expect([await status(bearer(fresh)), await status(bearer(old))]).toEqual([200, 200]);
    expectNothingNoticed(figures);
  });

  test("minted for a later time: refused until then, as an update that is rehearsed must not be deployed", async () => {
    const mint = ["tokens", "mint", "--sub", "later", "--validity", "2h", "--pull", "main"];
    const later = new Date(Date.now() + 77 * 86_400_000).toISOString();
    const atticctl = [process.execPath, join(PROJECT_DIR, "cli/main.ts")];
    const early = await output("env", `ATTICCTL_NOW=${later}`, ...atticctl, ...mint);
    expect(early).toMatch(/^eyJ/);
    expect(await status(bearer(early))).toBe(401);
    expect(await status(bearer((await ctl(...mint)).trim()))).toBe(200);
  });

  test.skipIf(short)(
    "of an older signing key: void when the pods have the new one, while public caches are served",
    async () => {
      const old = await mounted("developers");
      const pods = await apiPodNames();
      const seen: { at: number; old: number; fresh: number; anew: boolean; anonymous: number }[] = [];
      const begun = performance.now();
      let over = false;
      const watched = (async () => {
        for (; !over; await sleep(100)) {
          const fresh = await mounted("developers");
          seen.push({
            at: (performance.now() - begun) / 1000,
            old: await status(bearer(old), "/main/nix-cache-info"),
            fresh: await status(bearer(fresh), "/main/nix-cache-info"),
            anew: fresh !== old,
            anonymous: await status(undefined, "/public/nix-cache-info"),
          });
        }
      })();
      // All else as it was: entries of `revoked` name generations, which are counted from 1 again.
      try {
        change({ [generation]: Number(declared(generation) ?? 1) + 1 }, before);
        await deploy();
        await replaced(pods);
        await sleep(2000);
      } finally {
        over = true;
        await watched;
      }

      const times = (which: (each: (typeof seen)[number]) => boolean) =>
        seen.filter(which).map(({ at }) => at);
      const served = [0, ...times(({ fresh }) => fresh === 200), seen.at(-1)?.at ?? 0];
      const gaps = served.slice(1).map((at, index) => at - (served[index] as number));
      const key = "a new signing key";
      const first = (which: (each: (typeof seen)[number]) => boolean) => times(which)[0] ?? Number.NaN;
      const last = (which: (each: (typeof seen)[number]) => boolean) => times(which).at(-1) ?? Number.NaN;
      record(
        scenario,
        {
          what: `${key}: from the deployment's beginning, its tokens are in the Secret`,
          value: first(({ anew }) => anew),
          unit: "s",
        },
        {
          what: `${key}: an old token is first refused`,
          value: first((each) => each.old === 401),
          unit: "s",
        },
        { what: `${key}: an old token is last taken`, value: last((each) => each.old === 200), unit: "s" },
        {
          what: `${key}: its token is first taken`,
          value: first(({ anew, fresh }) => anew && fresh === 200),
          unit: "s",
        },
        { what: `${key}: its token is last refused`, value: last(({ fresh }) => fresh === 401), unit: "s" },
        {
          what: `${key}: longest time in which who reads the Secret each time is served nothing`,
          value: Math.max(...gaps),
          unit: "s",
        },
      );
      expect(seen.at(-1)).toMatchObject({ old: 401, fresh: 200, anew: true });
      expect(seen.filter(({ anonymous }) => anonymous !== 200)).toEqual([]);
      expect(
        seen.filter(({ old, fresh }) => ![200, 401].includes(old) || ![200, 401].includes(fresh)),
      ).toEqual([]);
    },
  );
});
