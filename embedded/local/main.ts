import { enableCompileCache } from "node:module";
import process from "node:process";

// Loading is a good part of a run with nothing to change; must be on before anything large is loaded.
enableCompileCache();
const { endWithReader } = await import("./terminal/closed-pipe.ts");
endWithReader();
const { run } = await import("./command.ts");
// Ends what an error or Ctrl-C left behind, such as a build beside the one that failed.
process.exit(await run(process.argv));
