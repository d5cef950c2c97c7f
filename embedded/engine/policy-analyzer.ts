/**
 * Serves a policy pack to the engine, in a process of its own: `policy-analyzer.ts ENGINE_ADDRESS PACK_DIR`.
 *
 * With `ahead` in place of the address it starts before the engine does, and ends with its standard input.
 *
 * `PolicyPack` of @pulumi/policy starts the server and writes its port to standard output, where the engine
 * reads it; nothing else may be written there before.
 */
import { readFileSync } from "node:fs";
import { enableCompileCache, flushCompileCache, registerHooks } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { AHEAD } from "./policy-server.ts";

enableCompileCache();
const [, , engine, packDir] = process.argv;
if (packDir === undefined) {
  console.error("usage: policy-analyzer.ts ENGINE_ADDRESS PACK_DIR");
  process.exit(2);
}
// Of the SDK, half the time to load is npm's own tree of packages, which it needs to serialize functions: policies
// have none.
registerHooks({
  load: (url, context, load) =>
    url.endsWith("/@npmcli/arborist/lib/index.js")
      ? { format: "commonjs", source: "", shortCircuit: true }
      : load(url, context),
});
const directory = path.resolve(packDir);
const { main = "index.ts" } = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")) as {
  main?: string;
};
// @pulumi/policy reads the pack's version from the package.json of the working directory.
process.chdir(directory);
await import(pathToFileURL(path.join(directory, main)).href);
// The engine ends this process without asking.
flushCompileCache();
if (engine === AHEAD) process.stdin.on("end", () => process.exit()).resume();
