import { enableCompileCache } from "node:module";
import process from "node:process";

// Must be on before anything large is loaded.
enableCompileCache();
const { run } = await import("./command.ts");
// Ends what an error or Ctrl-C left behind.
process.exit(await run(process.argv));
