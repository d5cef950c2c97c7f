import { mkdtempSync, rmSync } from "node:fs";
import { enableCompileCache, register } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

// One preview of the staging stack in a process of its own:
//   preview-worker.ts empty | stripped | ts-node
//   preview-worker.ts key | stripped DIRECTORY TOKENS
// `empty` registers no resource. `ts-node` loads the program as a Pulumi template does: type-checked by ts-node.
// `key` is no preview: it makes the signing key, in a directory that is kept, so that a preview has it and mints.

// As `npm run preview` does, for all three.
enableCompileCache();
const { runEngine } = await import("../embedded/engine/engine.ts");
const { locateEngine } = await import("../embedded/engine/locate.ts");
const { chooseProviders, standInNames } = await import("../embedded/engine/providers.ts");
const { discard, keptDirectory, throwAwayDirectory } = await import("../embedded/engine/workspace.ts");

const [how = "stripped", kept, tokens] = process.argv.slice(2);
const projectDir = resolve(import.meta.dirname, "..");

if (how === "ts-node") {
  // The hooks that Pulumi's own language host registers; they read their options from the environment.
  process.env.TS_NODE_COMPILER = "typescript-classic";
  process.env.TS_NODE_PROJECT = join(import.meta.dirname, "tsconfig.ts-node.json");
  register("@pulumi/pulumi/cmd/run/hooks.js", import.meta.url);
}
type Program = () => Promise<Record<string, unknown>>;
const programs: Record<string, () => Promise<Program>> = {
  empty: async () => async () => ({}),
  key: async () => {
    const { SigningKey } = await import("../components/tokens/index.ts");
    return async () => {
      new SigningKey("signing-key", { generation: 1, now: new Date(), protect: false });
      return {};
    };
  },
};
const whole = async () => (await import("../index.ts")).default as Program;
const program = (programs[how] ?? whole)();

/** As many tokens of pipelines, none of them for the cluster, whose Secret could not hold a thousand. */
function settings(count: number): Record<string, unknown> {
  const caches = { main: ["pull", "push"], "dev-*": ["pull", "push"] };
  const names = Array.from({ length: count }, (_, index) => `pipeline-${index}`);
  return {
    "attic:tokens": { ci: Object.fromEntries(names.map((name) => [name, { caches, inCluster: false }])) },
  };
}

const directory = kept ? keptDirectory(kept) : throwAwayDirectory();
const logDir = mkdtempSync(join(tmpdir(), "attic-bench-"));
try {
  const engine = await locateEngine();
  const providers = await chooseProviders({ engine, directory, standInsOnly: true });
  const { changes } = await runEngine({
    engine,
    action: how === "key" ? "up" : "preview",
    stack: "staging",
    projectDir,
    program,
    standIns: standInNames(providers),
    directory,
    ...(tokens && { settings: settings(Number(tokens)) }),
    logDir,
    // No cluster: nothing is asked of one.
    env: { KUBECONFIG: "/dev/null" },
  });
  console.log(JSON.stringify(changes));
} finally {
  discard(directory);
  rmSync(logDir, { recursive: true });
}
