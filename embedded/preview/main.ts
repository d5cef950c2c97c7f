import { enableCompileCache } from "node:module";
import process from "node:process";

// Loading takes longer than previewing; must be on before anything large is loaded.
enableCompileCache();
const { endWithReader } = await import("../local/terminal/closed-pipe.ts");
endWithReader();
const { run } = await import("./command.ts");
// Ends what an error or Ctrl-C left behind, such as a build beside the one that failed.
process.exit(await run(process.argv));
