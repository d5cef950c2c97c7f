import { enableCompileCache } from "node:module";
import process from "node:process";

// Must be on before anything large is loaded.
enableCompileCache();
const { run } = await import("./command.ts");
process.exit(await run(process.argv));
