import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { type RunOptions, runEngine } from "../../embedded/engine/engine.ts";
import { EngineError } from "../../embedded/engine/errors.ts";
import { ownDirectory } from "../../embedded/engine/own.ts";
import { lockHolders, pendingOperations } from "../../embedded/engine/recover.ts";
import { SECRET_PLACEHOLDER } from "../../embedded/engine/stack-file.ts";
import {
  discard,
  type EngineDirectory,
  keptDirectory,
  throwAwayDirectory,
} from "../../embedded/engine/workspace.ts";
import { type TinyProject, tinyProgram, tinyProject } from "./engine/project.ts";

const PACKS = fileURLToPath(new URL("engine/packs", import.meta.url));

let project: TinyProject;
let before: Record<string, string>;
let kept: EngineDirectory;

beforeAll(() => {
  project = tinyProject();
  before = project.files();
  kept = keptDirectory(project.stateDir);
});
afterEach(() => {
  expect(project.files(), "the project's own files are only read").toEqual(before);
});
afterAll(() => project.remove());

function run(action: RunOptions["action"], more: Partial<RunOptions> = {}) {
  return runEngine({
    engine: inject("pulumi"),
    action,
    stack: "tiny",
    projectDir: project.projectDir,
    program: tinyProgram,
    directory: kept,
    logDir: project.logDir,
    ...more,
  });
}

async function failure(work: Promise<unknown>): Promise<EngineError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

describe("a stack with a kept state", () => {
  it("previews, creates, stays as it is, and goes", async () => {
    expect((await run("preview")).changes).toEqual({ create: 3 });

    const up = await run("up");
    expect(up.changes).toEqual({ create: 3 });
    expect(up.outputs.word).toEqual({ value: "hello", secret: false });
    expect(up.outputs.hidden).toEqual({ value: "behind the curtain", secret: true });

    expect((await run("up", { expectNoChanges: true })).changes).toEqual({ same: 3 });
    expect((await run("refresh", { expectNoChanges: true })).changes).toEqual({ same: 3 });
    expect((await run("destroy")).changes).toEqual({ delete: 3 });
  });

  it("reports each resource while it works on it", async () => {
    const seen = new Set<string>();
    await run("preview", {
      onEvent: ({ resources }) => {
        for (const { name, op, status } of resources.values()) {
          seen.add(`${name} ${op} ${status}`);
        }
      },
    });
    expect([...seen]).toEqual(expect.arrayContaining(["box create done", "word create done"]));
  });

  it("keeps the passphrase to its owner, and no secret in the log", async () => {
    const program = async () => {
      const { output } = new pulumi.Stash("secret", { input: pulumi.secret("behind the curtain") });
      return { output, hidden: pulumi.secret("behind the curtain") };
    };
    const up = await run("up", { program });
    expect(up.outputs.output).toEqual({ value: "behind the curtain", secret: true });
    expect(statSync(kept.passphrase).mode & 0o777).toBe(0o600);
    expect(readFileSync(up.logPath, "utf8")).toContain("secret created");
    expect(readFileSync(up.logPath, "utf8")).not.toContain("behind the curtain");
    const preview = await run("preview");
    expect(preview.outputs.hidden).toEqual({ value: "[secret]", secret: true });
  });

  it("does not decrypt someone else's values without a passphrase", async () => {
    const error = await failure(run("up", { stack: "encrypted" }));
    expect([error.kind, error.message]).toEqual([
      "config",
      "Pulumi.encrypted.yaml holds encrypted values and no passphrase was given",
    ]);
  });
});

describe("a throw-away state", () => {
  it("needs no passphrase, and leaves nothing behind", async () => {
    const directory = throwAwayDirectory();
    const preview = await run("preview", { directory, stack: "encrypted" });
    expect(preview.withheld).toEqual(["tiny:password"]);
    expect(preview.changes).toEqual({ create: 3 });
    discard(directory);
    expect(() => statSync(directory.root)).toThrow(/ENOENT/);
  });

  it("gives the program a placeholder that is a secret", async () => {
    const directory = throwAwayDirectory();
    let password: unknown;
    let marked = false;
    await run("preview", {
      directory,
      stack: "encrypted",
      program: async () => {
        password = pulumi.runtime.allConfig()["tiny:password"];
        marked = await pulumi.isSecret(new pulumi.Config("tiny").requireSecret("password"));
      },
    });
    discard(directory);
    expect([password, marked]).toEqual([SECRET_PLACEHOLDER, true]);
  });
});

describe("an error", () => {
  it("of the program is the program's own message", async () => {
    const program = async () => {
      throw new Error("tiny:word: must be polite");
    };
    const error = await failure(run("preview", { program }));
    expect([error.kind, error.message]).toEqual(["program", "tiny:word: must be polite"]);
    expect(readFileSync(error.logPath ?? "", "utf8")).toContain("must be polite");
  });

  it("of the configuration is told from a slip in the program", async () => {
    const program = async () => {
      throw new pulumi.RunError("tiny:word: unknown key; did you mean tiny:world?");
    };
    const error = await failure(run("preview", { program }));
    expect([error.kind, error.message]).toEqual([
      "config",
      "tiny:word: unknown key; did you mean tiny:world?",
    ]);
  });

  it("of a resource is its diagnostics", async () => {
    const program = async () => {
      new pulumi.StackReference("some/other/stack");
    };
    const error = await failure(run("up", { program }));
    expect(error.kind).toBe("resources");
    expect(error.message).toBe(
      "resources failed:\n  pulumi:pulumi:StackReference some/other/stack\n    organization name must be 'organization'",
    );
  });

  it("says that a stack file is missing", async () => {
    const error = await failure(run("preview", { stack: "absent" }));
    expect(error.message).toMatch(/Pulumi\.absent\.yaml does not exist$/);
  });

  it("tells changes that were not expected", async () => {
    await run("destroy");
    expect((await failure(run("preview", { expectNoChanges: true }))).kind).toBe("changes");
  });
});

describe("a policy pack", () => {
  it("that refuses fails the preview, in its own words", async () => {
    const program = async () => {
      new pulumi.Stash("word", { input: "rude" });
    };
    const error = await failure(run("preview", { program, policyPack: path.join(PACKS, "refuses") }));
    expect([error.kind, error.message]).toEqual([
      "policy",
      'policies refuse:\n  pulumi:index:Stash word\n    refuses/polite: A stash holds polite words.\n    "rude" is not polite',
    ]);
  });

  it("that accepts lets its advice through", async () => {
    await run("preview", { policyPack: path.join(PACKS, "refuses") });
    const { diagnostics } = await run("preview", { policyPack: path.join(PACKS, "accepts") });
    expect(diagnostics).toEqual([
      expect.objectContaining({ severity: "advice", message: expect.stringMatching(/4 resources$/) }),
    ]);
  });

  it("that does not start says why, in its own words", async () => {
    const error = await failure(run("preview", { policyPack: path.join(PACKS, "broken") }));
    expect(error.kind).toBe("setup");
    expect(error.message).toMatch(/^the policy pack .*\/packs\/broken does not start:\n/);
    expect(error.message).toContain("Error: no policies today");
    expect(error.message).not.toContain("    at ");
  });

  it("that is none is said so at once", async () => {
    expect((await failure(run("preview", { policyPack: "/nowhere" }))).message).toMatch(
      /is not a policy pack/,
    );
  });
});

describe("an engine that was killed", () => {
  it("keeps no lock", async () => {
    const recovered: string[] = [];
    let started = () => {};
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    let end = () => {};
    const hanging = run("up", {
      program: async () => {
        started();
        await new Promise<void>((resolve) => {
          end = resolve;
        });
      },
    });
    const failed = failure(hanging);
    await running;
    const [holder] = lockHolders(kept, "tiny", "tiny");

    // Another engine must not take the stack from a live one.
    expect((await failure(run("up"))).kind).toBe("locked");

    process.kill(holder?.pid ?? 0, "SIGKILL");
    end();
    await failed;
    await run("up", { onRecovered: (what) => recovered.push(what) });
    expect(recovered).toEqual([expect.stringMatching(/gave back the lock of an engine that is gone/)]);
    expect(lockHolders(kept, "tiny", "tiny")).toEqual([]);
  });

  it("leaves no creation in doubt", async () => {
    await run("up");
    const file = path.join(kept.backend, ".pulumi/stacks/tiny/tiny.json");
    const state = JSON.parse(readFileSync(file, "utf8"));
    const [resource] = state.checkpoint.latest.resources.slice(-1);
    const lost = { ...resource, urn: `${resource.urn}-lost`, id: "" };
    state.checkpoint.latest.pending_operations = [{ resource: lost, type: "creating" }];
    writeFileSync(file, JSON.stringify(state));

    const recovered: string[] = [];
    const up = await run("up", { onRecovered: (what) => recovered.push(what) });
    expect(recovered).toEqual(["cleared 1 operation(s) that an interrupted run left unfinished"]);
    expect(up.changes).toEqual({ same: 3 });
    expect(up.diagnostics).toEqual([]);
    await run("destroy");
  });

  it("leaves none in doubt in a person's own Pulumi, once an update has made it", async () => {
    const theirs = tinyProject();
    const state = keptDirectory(theirs.stateDir);
    const own = async (more: Partial<RunOptions> = {}) => {
      const directory = ownDirectory();
      try {
        await run("up", {
          projectDir: theirs.projectDir,
          directory,
          env: {
            PULUMI_BACKEND_URL: `file://${state.backend}`,
            PULUMI_HOME: state.home,
            PULUMI_CONFIG_PASSPHRASE_FILE: state.passphrase,
          },
          ...more,
        });
      } finally {
        directory.discard();
      }
    };
    try {
      // Makes the stack, which nobody does for a person.
      await run("preview", { projectDir: theirs.projectDir, directory: state });
      await own();
      const file = path.join(state.backend, ".pulumi/stacks/tiny/tiny.json");
      const checkpoint = JSON.parse(readFileSync(file, "utf8"));
      const [resource] = checkpoint.checkpoint.latest.resources.slice(-1);
      checkpoint.checkpoint.latest.pending_operations = [
        { resource: { ...resource, id: "" }, type: "creating" },
      ];
      writeFileSync(file, JSON.stringify(checkpoint));
      expect(pendingOperations(state, "tiny", "tiny")).toEqual([resource.urn]);

      const recovered: string[] = [];
      await own({ onRecovered: (what) => recovered.push(what) });
      expect(recovered).toEqual([expect.stringContaining("cleared 1 creation(s)")]);
      expect(pendingOperations(state, "tiny", "tiny")).toEqual([]);
    } finally {
      theirs.remove();
    }
  });
});
