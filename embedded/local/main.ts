import { enableCompileCache } from "node:module";
import process from "node:process";

// Loading is a good part of a run with nothing to change; must be on before anything large is loaded.
enableCompileCache();
const { run } = await import("./command.ts");
process.exitCode = await run(process.argv);
