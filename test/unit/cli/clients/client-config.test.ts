import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Settings } from "../../../../config/schema/index.ts";
import { nixKeys } from "../../../support/nix-keys.ts";
import { type TestProject, testProject } from "../world.ts";

type Tokens = NonNullable<Settings["tokens"]>;

const root = resolve(import.meta.dirname, "../../../..");

let project: TestProject;
afterEach(() => project.remove());

const tokens: Tokens = {
  ci: {
    "gitlab-main": {
      caches: { main: ["pull", "push"], dev: ["pull", "push"] },
      gitlab: { group: "platform" },
    },
    "gitlab-branches": {
      caches: { main: ["pull"], dev: ["pull", "push"] },
      gitlab: { group: "platform", variable: "ATTIC_BRANCH_TOKEN", protected: false },
    },
  },
  readOnly: {
    narrow: { caches: { main: ["pull"] } },
    developers: { caches: { "*": ["pull"] } },
  },
};

/** A stack that was brought up, and a command on it. */
async function stack(
  caches: NonNullable<Settings["caches"]>,
  more: Tokens = tokens,
  settings: Partial<Settings> = {},
) {
  project = testProject(more, { ...settings, caches });
  await project.update(0);
  const base = settings.server?.substituterEndpoint ?? "https://nix-cache.example.com/";
  project.deployed().caches = Object.fromEntries(
    Object.keys(caches).map((name) => [name, { url: `${base}${name}`, publicKey: nixKeys(name).publicKey }]),
  );
}
const config = (forWhom: string, ...args: string[]) =>
  project.run(["client-config", "--for", forWhom, ...args]);
const three = { main: {}, dev: {}, public: { public: true } };
const everybody = ["nix", "nixos", "home-manager", "gitlab", "github", "forgejo", "woodpecker"];

describe("atticctl client-config", () => {
  test.each(everybody)("prints no secret: %s", async (forWhom) => {
    await stack(three);
    const { code, stdout, stderr } = await config(forWhom);
    expect([code, stderr]).toEqual([0, ""]);
    for (const secret of project.secrets()) expect(stdout).not.toContain(secret);
  });

  test.each(everybody)("names every cache with its key: %s", async (forWhom) => {
    await stack({ ...three, "a+b_c": {} });
    const { stdout } = await config(forWhom);
    for (const name of ["main", "dev", "public", "a+b_c"]) {
      expect(stdout).toContain(`https://nix-cache.example.com/${name}`);
      expect(stdout).toContain(nixKeys(name).publicKey);
    }
  });

  test.each(everybody)("names chosen caches alone: %s", async (forWhom) => {
    await stack(three);
    const { stdout } = await config(forWhom, "--cache", "dev", "public");
    expect(stdout).not.toContain(nixKeys("main").publicKey);
    expect(stdout).toContain(nixKeys("dev").publicKey);
  });

  test("is JSON with --json", async () => {
    await stack({ main: {} });
    expect((await config("nix", "--json")).json()).toMatchObject({
      for: "nix",
      endpoint: "https://nix-cache.example.com/",
      caches: [{ name: "main", public: false }],
      text: expect.stringContaining("extra-substituters = "),
    });
  });

  test("knows no other client", async () => {
    await stack(three);
    const { code, stderr } = await config("guix");
    expect(code).toBe(2);
    expect(stderr).toContain("Allowed choices are nix, nixos, home-manager, gitlab");
  });

  test("needs a cache, and one that was brought up", async () => {
    await stack({});
    expect((await config("nix")).stderr).toContain("stack test declares no cache");
    project.declare(tokens, { caches: { new: {} } });
    const { code, stderr } = await config("nix");
    expect([code, stderr]).toEqual([3, expect.stringContaining("the stack has no key yet for new")]);
  });

  test("says which cache was meant", async () => {
    await stack(three);
    expect((await config("nix", "--cache", "mian")).stderr).toContain("did you mean main?");
  });
});

describe("for nix", () => {
  test("is lines of nix.conf, and how root gets the token", async () => {
    await stack({ main: {}, public: { public: true } });
    expect((await config("nix")).stdout).toBe(`# /etc/nix/nix.conf; restart the Nix daemon after a change.
extra-substituters = https://nix-cache.example.com/main https://nix-cache.example.com/public
extra-trusted-public-keys = ${nixKeys("main").publicKey} ${nixKeys("public").publicKey}
fallback = true
connect-timeout = 5
netrc-file = /etc/nix/netrc
# The token stands in /etc/nix/netrc, mode 0600, and nowhere else: not here, and never in the Nix store.
# This puts it there, in the place of the one before; run it again after each rotation:
#   npx atticctl --stack test tokens get narrow | sudo sh clients/netrc.sh nix-cache.example.com /etc/nix/netrc
`);
  });

  test("needs no token for public caches", async () => {
    await stack(three);
    expect((await config("nix", "--cache", "public")).stdout).not.toMatch(/netrc|token/);
  });

  test("sends the token to the host that clients download from", async () => {
    await stack(three, tokens, { server: { substituterEndpoint: "https://cdn.example.com/" } });
    expect((await config("nix")).stdout).toContain(" cdn.example.com ");
  });

  test("names a token that may pull from all of the caches", async () => {
    await stack(three);
    expect((await config("nix")).stdout).toContain("tokens get developers");
    expect((await config("nix", "--cache", "main", "--read-only", "developers")).stdout).toContain(
      "tokens get developers",
    );
  });

  test("says so when no token may", async () => {
    await stack(three, { ...tokens, readOnly: {} });
    expect((await config("nix")).stdout).toContain(
      "# No token below attic:tokens.readOnly may pull from all",
    );
  });

  test.each([
    ["narrow", "narrow may not pull from dev"],
    ["gitlab-main", "attic:tokens.readOnly declares no gitlab-main"],
  ])("takes no token that allows too little or too much: %s", async (name, said) => {
    await stack(three);
    const { code, stderr } = await config("nix", "--read-only", name);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  });
});

describe("for NixOS and home-manager", () => {
  test("is a module of NixOS", async () => {
    await stack({ main: {} });
    const { stdout } = await config("nixos");
    expect(stdout.split("\n").filter((line) => !line.startsWith("#"))).toEqual([
      "{",
      "  nix.settings = {",
      "    extra-substituters = [",
      '      "https://nix-cache.example.com/main"',
      "    ];",
      "    extra-trusted-public-keys = [",
      `      "${nixKeys("main").publicKey}"`,
      "    ];",
      "    fallback = true;",
      "    connect-timeout = 5;",
      '    netrc-file = "/etc/nix/netrc";',
      "  };",
      "}",
      "",
    ]);
  });

  test("is a module of home-manager, whose netrc file is the user's", async () => {
    await stack({ main: {} });
    const { stdout } = await config("home-manager");
    expect(stdout.split("\n").filter((line) => !line.startsWith("#"))).toEqual([
      "{ config, lib, pkgs, ... }:",
      "{",
      "  # Without a package, home-manager writes no nix.conf.",
      "  nix.package = lib.mkDefault pkgs.nix;",
      "  nix.settings = {",
      "    extra-substituters = [",
      '      "https://nix-cache.example.com/main"',
      "    ];",
      "    extra-trusted-public-keys = [",
      `      "${nixKeys("main").publicKey}"`,
      "    ];",
      "    fallback = true;",
      "    connect-timeout = 5;",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Nix that replaces it
      '    netrc-file = "${config.xdg.configHome}/nix/netrc";',
      "  };",
      "}",
      "",
    ]);
  });

  describe("prints a command for the netrc file", () => {
    /** Runs it at home, in the project's folder, with a stand-in for `npx` that prints what it is told to. */
    const netrcAfter = async (npx: string) => {
      const command = /^# {3}(npx .*)$/m.exec((await config("home-manager")).stdout)?.[1] as string;
      writeFileSync(join(project.folder, "npx"), `#!/bin/sh\n${npx}\n`, { mode: 0o755 });
      const env = { HOME: project.folder, PATH: `${project.folder}:${process.env.PATH}` };
      const { stderr } = spawnSync("sh", ["-c", command], { cwd: root, env, encoding: "utf8" });
      return { netrc: readFileSync(join(project.folder, ".config/nix/netrc"), "utf8"), stderr };
    };

    test("that puts the token there, and each next one in its place", async () => {
      await stack({ main: {} });
      await netrcAfter("echo first");
      expect((await netrcAfter("echo second")).netrc).toBe(
        "machine nix-cache.example.com login nix password second\n",
      );
    });

    test("that changes nothing when there is no token to be had", async () => {
      await stack({ main: {} });
      const { netrc } = await netrcAfter("echo first");
      const failed = await netrcAfter("echo 'error: nobody is logged in' >&2; exit 1");
      expect(failed.netrc).toBe(netrc);
      expect(failed.stderr).toContain("no token came in");
    });
  });

  test.each(["nixos", "home-manager"])("has no netrc file where none is needed: %s", async (forWhom) => {
    await stack({ public: { public: true } });
    const { stdout } = await config(forWhom);
    expect(stdout.split("\n").filter((line) => line.includes("netrc") && !line.startsWith("#"))).toEqual([]);
  });
});

describe("for pipelines", () => {
  test("fills in GitLab's inputs, and tells which variable has which token", async () => {
    await stack(three);
    const { stdout } = await config("gitlab");
    expect(parse(stdout).include[0].inputs).toEqual({
      endpoint: "https://nix-cache.example.com/",
      caches: "https://nix-cache.example.com/main https://nix-cache.example.com/dev",
      "public-caches": "https://nix-cache.example.com/public",
      "public-keys": ["main", "dev", "public"].map((name) => nixKeys(name).publicKey).join(" "),
      cache: "main",
      "branch-cache": "dev",
    });
    expect(parse(stdout).variables).toBeUndefined();
    expect(stdout).toContain(
      "# ATTIC_TOKEN, protected: token gitlab-main, which pushes to main. Set in group platform by: npx atticctl --stack test tokens publish gitlab-main\n",
    );
    expect(stdout).toContain("# ATTIC_BRANCH_TOKEN: token gitlab-branches, which pushes to dev.");
  });

  describe("has GitLab's jobs find tokens in variables of other names", () => {
    const { "gitlab-main": main, ...branches } = tokens.ci as NonNullable<Tokens["ci"]>;
    const renamed = { ...main, gitlab: { group: "platform", variable: "CACHE" } } as NonNullable<typeof main>;

    test("each by its variable's name", async () => {
      await stack(three, { ...tokens, ci: { "gitlab-main": renamed, ...branches } });
      expect(parse((await config("gitlab")).stdout).variables).toEqual({
        ATTIC_TOKEN_VARIABLE: "CACHE",
        ATTIC_BRANCH_TOKEN_VARIABLE: "ATTIC_BRANCH_TOKEN",
      });
    });

    test("and none in the usual one of a token that is not declared, which another stack may have set", async () => {
      await stack(three, { ...tokens, ci: { "gitlab-main": renamed } });
      expect(parse((await config("gitlab")).stdout).variables).toEqual({
        ATTIC_TOKEN_VARIABLE: "CACHE",
        ATTIC_BRANCH_TOKEN_VARIABLE: "",
      });
    });
  });

  test("pushes from branches nowhere in GitLab without a token of their own", async () => {
    await stack(three, { ...tokens, ci: { "gitlab-main": tokens.ci?.["gitlab-main"] } } as Tokens);
    const { stdout } = await config("gitlab");
    expect(parse(stdout).include[0].inputs).toMatchObject({ cache: "main", "branch-cache": "" });
    expect(stdout).toContain("# Branches push nothing: no token below attic:tokens.ci");
  });

  test("lets branches push to no cache that trusted refs push to", async () => {
    const caches = { main: ["pull", "push"] as ("pull" | "push")[] };
    await stack(three, { ci: { first: { caches }, second: { caches } } });
    expect(parse((await config("github")).stdout).jobs.build.steps.at(-1).with).toMatchObject({
      cache: "main",
      "branch-cache": "",
    });
  });

  test.each(["github", "forgejo"])("fills in the action's inputs: %s", async (forge) => {
    await stack(three);
    const { stdout } = await config(forge);
    const step = parse(stdout).jobs.build.steps.at(-1);
    expect(step.with).toMatchObject({
      run: "nix build --print-build-logs --no-link",
      "public-caches": "https://nix-cache.example.com/public",
      cache: "main",
      "branch-cache": "dev",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the forge that replaces it
      token: "${{ secrets.ATTIC_TOKEN }}",
    });
    expect(stdout).toContain("tokens get gitlab-main");
  });

  test.each(["github", "forgejo"])("names no secret that nobody declares: %s", async (forge) => {
    await stack({ public: { public: true } }, {});
    expect((await config(forge)).stdout).not.toContain("secrets.");
  });

  test("fills in every step of Woodpecker's pipeline, and no secret for pull requests", async () => {
    await stack(three);
    const [build, pullRequest] = parse((await config("woodpecker")).stdout).steps;
    expect(build.environment).toMatchObject({
      ATTIC_CACHE: "main",
      ATTIC_TOKEN: { from_secret: "attic_token" },
      ATTIC_BRANCH_TOKEN: { from_secret: "attic_branch_token" },
    });
    expect(pullRequest.environment).toEqual({
      NIX_CONFIG: "extra-experimental-features = nix-command flakes",
      ATTIC_PUBLIC_CACHES: "https://nix-cache.example.com/public",
      ATTIC_PUBLIC_KEYS: build.environment.ATTIC_PUBLIC_KEYS,
    });
    expect(pullRequest.commands).toEqual(build.commands);
  });

  test("pushes to a private cache before a public one, wherever they are declared", async () => {
    const both = { public: ["pull", "push"], main: ["pull", "push"] };
    await stack({ public: { public: true }, main: {} }, { ci: { both: { caches: both } } } as Tokens);
    expect(parse((await config("github")).stdout).jobs.build.steps.at(-1).with.cache).toBe("main");
  });
});
