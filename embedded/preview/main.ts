import { enableCompileCache } from "node:module";
import process from "node:process";

// Loading takes longer than previewing; must be on before anything large is loaded.
enableCompileCache();
const { run } = await import("./command.ts");
process.exitCode = await run(process.argv);
