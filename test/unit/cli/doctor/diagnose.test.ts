import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkClients } from "../../../../cli/doctor/clients.ts";
import { lines } from "../../../../cli/doctor/command.ts";
import type { Finding } from "../../../../cli/doctor/finding.ts";
import { checkGitLab } from "../../../../cli/doctor/gitlab.ts";
import type { Outside } from "../../../../cli/doctor/outside.ts";
import { checkRunbooks } from "../../../../cli/doctor/runbooks.ts";
import type { World } from "../../../../cli/world.ts";
import { Screen } from "../../../../embedded/local/terminal/screen.ts";
import { credentials, gitLabServer } from "../../../support/gitlab-server.ts";
import { stackConfig } from "../../../support/settings.ts";
import { everyKind, type TestProject, testProject } from "../world.ts";

const now = new Date("2026-11-21T12:00:00Z");

describe("atticctl doctor", () => {
  let project: TestProject;
  beforeEach(() => {
    project = testProject();
  });
  afterEach(() => project.remove());

  test("lists every mistake of the file, and looks at nothing else but Node", async () => {
    writeFileSync(project.file, "config:\n  attic:hostnam: a\n  attic:image: 7\n");
    const { code, json } = await project.run(["doctor", "--json"], { env: { PATH: "" } });
    expect(code).toBe(4);
    const { findings } = json();
    expect(findings.map(({ check }: Finding) => check)).toEqual(["configuration", "node"]);
    expect(findings[0].said).toMatch(/Pulumi\.test\.yaml: \d+ mistakes/);
    expect(findings[0].details.join("\n")).toContain("attic:hostnam");
  });

  test("of a stack that there is not is not found", async () => {
    expect((await project.run(["doctor", "--stack", "tset"])).code).toBe(3);
  });
});

describe("clients", () => {
  const answer = (status: number, date = now) =>
    (async () => new Response(undefined, { status, headers: { Date: date.toUTCString() } })) as typeof fetch;
  const refuses =
    (code: string): typeof fetch =>
    async () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(`it is ${code}`), { code }) });
    };
  const ask = (outside: Partial<Outside>, made = true) =>
    checkClients(
      stackConfig(),
      { node: "", addresses: async () => ["192.0.2.7"], fetch: answer(200), ...outside },
      () => now,
      made,
    );
  const states = (findings: Finding[]) => findings.map(({ check, state }) => `${check} ${state}`);

  test("find the server, and it has this machine's time", async () => {
    expect(states(await ask({}))).toEqual(["DNS ok", "ingress ok", "clock of the ingress ok"]);
  });

  test("find nobody where the name has no address, and nobody is asked", async () => {
    const fetch = refuses("anything");
    const findings = await ask({ addresses: async () => [], fetch });
    expect(states(findings)).toEqual(["DNS failed", "ingress unseen"]);
    expect(findings[0]?.said).toBe("nix-cache.example.com has no address");
  });

  test("whose name server does not answer were not seen", async () => {
    const addresses = async () => {
      throw new Error("queryA ETIMEOUT");
    };
    expect(states(await ask({ addresses }))).toEqual(["DNS unseen", "ingress unseen"]);
  });

  test("that would not trust the certificate are told so; an ingress that is not there yet was not seen", async () => {
    expect((await ask({ fetch: refuses("CERT_HAS_EXPIRED") }))[1]).toMatchObject({
      state: "failed",
      said: expect.stringContaining("has a certificate that is not trusted: it is CERT_HAS_EXPIRED"),
    });
    expect(states(await ask({ fetch: refuses("ECONNREFUSED") }))).toEqual(["DNS ok", "ingress unseen"]);
  });

  test("trust no certificate before there is anything of the stack, which is no failure", async () => {
    expect((await ask({ fetch: refuses("DEPTH_ZERO_SELF_SIGNED_CERT") }, false))[1]).toMatchObject({
      state: "unseen",
      todo: "the stack's own comes with its first update",
    });
  });

  test.each([301, 400, 404, 503])("that are answered %i are told so, and where to look", async (status) => {
    const findings = await ask({ fetch: answer(status) });
    expect(states(findings)).toEqual(["DNS ok", "ingress failed", "clock of the ingress ok"]);
    expect(findings[1]).toMatchObject({
      said: `https://nix-cache.example.com/ answers ${status}`,
      todo: expect.stringContaining("docs/ingress.md#when-something-fails"),
    });
  });

  test("find no route before there is anything of the stack, which is no failure", async () => {
    expect((await ask({ fetch: answer(404) }, false))[1]).toMatchObject({
      state: "unseen",
      todo: "the stack's routes come with its first update",
    });
  });

  test("that are answered from another time are told so", async () => {
    const late = answer(200, new Date("2026-11-21T11:50:00Z"));
    expect((await ask({ fetch: late }))[2]?.said).toBe("the ingress is 10 min behind this machine");
  });
});

describe("runbooks", () => {
  const ours = { runbooks: "https://git.example.com/attic/docs/runbooks/" };
  const look = (rules: object, fetch: typeof globalThis.fetch) =>
    checkRunbooks(stackConfig({ observability: { rules } }), { fetch });
  const never: typeof fetch = async () => {
    throw new Error("nobody is asked");
  };

  test("are read where the stack says: a page of theirs is asked for", async () => {
    const asked: unknown[] = [];
    const answers = async (...[url]: Parameters<typeof fetch>) => {
      asked.push(url);
      return new Response();
    };
    expect(await look(ours, answers)).toMatchObject({ state: "ok" });
    expect(asked).toEqual(["https://git.example.com/attic/docs/runbooks/AtticMetricsAbsent.md"]);
  });

  test("were not seen behind the placeholder, and nobody is asked there", async () => {
    expect(await look({}, never)).toMatchObject({
      state: "unseen",
      said: "alerts link to a placeholder",
      todo: expect.stringContaining("attic:observability.rules.runbooks"),
    });
  });

  test.each([302, 404])("were not seen where a stranger is answered %i", async (status) => {
    const finding = await look(ours, async () => new Response(undefined, { status }));
    expect(finding).toMatchObject({ state: "unseen", said: expect.stringContaining(`answers ${status}`) });
  });

  test("were not seen where nobody answers", async () => {
    const unreachable: typeof fetch = async () => {
      throw new TypeError("fetch failed", { cause: new Error("connect ETIMEDOUT") });
    };
    expect(await look(ours, unreachable)).toMatchObject({
      state: "unseen",
      said: expect.stringContaining("was not reached: connect ETIMEDOUT"),
    });
  });

  test("are of no matter to a stack without alerts", async () => {
    expect(await look({ enabled: false }, never)).toMatchObject({ state: "ok" });
  });
});

describe("GitLab", () => {
  const config = stackConfig({ tokens: everyKind });
  const look = (env: NodeJS.ProcessEnv, of = config) =>
    checkGitLab(of, { env, now, sleep: async () => {} } as unknown as World);

  test("is of no matter where nothing is published, and not seen without a credential", async () => {
    expect((await look({}, stackConfig())).state).toBe("ok");
    expect(await look({ CI_JOB_TOKEN: "job" })).toMatchObject({
      state: "unseen",
      said: "1 token to publish, and there is no credential here",
    });
    expect(await look({ GITLAB_TOKEN: credentials.maintainer })).toMatchObject({
      state: "unseen",
      said: "1 token to publish, and nothing says where its API is",
    });
  });

  test.each([
    [
      "may read the variables",
      credentials.maintainer,
      "ok",
      "@project_7_bot may read the variables of every owner",
    ],
    ["may not", credentials.guest, "failed", "@guest may not read all variables"],
    ["is not known", "glpat-wrong", "failed", "GITLAB_TOKEN is not accepted: 401 Unauthorized"],
  ])("is asked with the credential, which %s; nothing is written", async (_, token, state, said) => {
    const gitlab = await gitLabServer();
    try {
      gitlab.owners.set("groups/platform", []);
      const finding = await look({ GITLAB_TOKEN: token, CI_API_V4_URL: gitlab.url });
      expect(finding).toMatchObject({ state, said });
      expect(gitlab.seen.every(({ method }) => method === "GET")).toBe(true);
      expect(JSON.stringify(finding)).not.toContain(token);
    } finally {
      await gitlab.close();
    }
  });
});

test("GitLab tells of a group that is not there, or that the credential may not see", async () => {
  const gitlab = await gitLabServer();
  try {
    const env = { GITLAB_TOKEN: credentials.maintainer, CI_API_V4_URL: gitlab.url };
    const world = { env, now, sleep: async () => {} } as unknown as World;
    expect(await checkGitLab(stackConfig({ tokens: everyKind }), world)).toMatchObject({
      state: "failed",
      details: ["group platform: 404 Group Not Found"],
    });
  } finally {
    await gitlab.close();
  }
});

describe("the screen", () => {
  const screen = (columns: number) => new Screen({ columns, write: () => true }, {});
  const findings: Finding[] = [
    { check: "node", state: "ok", said: "24.21.0, which is 22.18 or newer" },
    {
      check: "permissions",
      state: "failed",
      said: "system:serviceaccount:ci:deployer may not do 7 of 95 things that an update does",
      details: ["secrets: create, patch, delete"],
      todo: "ask whoever runs the cluster for a role with them, or use another context",
    },
    { check: "DNS", state: "unseen", said: "the name server does not answer" },
  ];

  test("has a finding on a line, what to do below it, and the sum of it", () => {
    expect(lines({ stack: "test", findings }, screen(80))).toEqual([
      "ok        node: 24.21.0, which is 22.18 or newer",
      "failed    permissions: system:serviceaccount:ci:deployer may not do 7 of 95",
      "          things that an update does",
      "          - secrets: create, patch, delete",
      "          → ask whoever runs the cluster for a role with them, or use another",
      "            context",
      "not seen  DNS: the name server does not answer",
      "",
      "1 ok, 1 failed, 1 not seen",
    ]);
  });

  test.each([60, 80, 200])("fits into %d columns", (columns) => {
    const widest = Math.max(
      ...lines({ stack: "test", findings }, screen(columns)).map((line) => line.length),
    );
    expect(widest).toBeLessThanOrEqual(Math.min(columns, 100));
  });
});
