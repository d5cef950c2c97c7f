import { mkdtempSync } from "node:fs";
import { enableCompileCache, register } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

// One preview of the staging stack in a process of its own:
//   preview-worker.ts empty | stripped | ts-node
// `empty` registers no resource. `ts-node` loads the program as a Pulumi template does: type-checked by ts-node.

// As `npm run preview` does, for all three.
enableCompileCache();
const { runEngine } = await import("../embedded/engine/engine.ts");
const { locateEngine } = await import("../embedded/engine/locate.ts");
const { chooseProviders, standInNames } = await import("../embedded/engine/providers.ts");
const { discard, throwAwayDirectory } = await import("../embedded/engine/workspace.ts");

const [how = "stripped"] = process.argv.slice(2);
const projectDir = resolve(import.meta.dirname, "..");

if (how === "ts-node") {
  // The hooks that Pulumi's own language host registers; they read their options from the environment.
  process.env.TS_NODE_COMPILER = "typescript-classic";
  process.env.TS_NODE_PROJECT = join(import.meta.dirname, "tsconfig.ts-node.json");
  register("@pulumi/pulumi/cmd/run/hooks.js", import.meta.url);
}
type Program = () => Promise<Record<string, unknown>>;
const program: Promise<Program> =
  how === "empty"
    ? Promise.resolve(async () => ({}))
    : import("../index.ts").then((module) => module.default as Program);

const directory = throwAwayDirectory();
try {
  const engine = await locateEngine();
  const providers = await chooseProviders({ engine, directory, standInsOnly: true });
  const { changes } = await runEngine({
    engine,
    action: "preview",
    stack: "staging",
    projectDir,
    program,
    standIns: standInNames(providers),
    directory,
    logDir: mkdtempSync(join(tmpdir(), "attic-bench-")),
    // No cluster: nothing is asked of one.
    env: { KUBECONFIG: "/dev/null" },
  });
  console.log(JSON.stringify(changes));
} finally {
  discard(directory);
}
